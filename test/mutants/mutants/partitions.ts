import type { Mutant } from '../mutant.ts'

const ADMISSION = 'packages/producer/src/accumulate/admission.ts'
const PARTITIONER = 'packages/producer/src/partition/partitioner.ts'
const REQUEST = 'packages/producer/src/sender.ts'

export const partitionMutants: readonly Mutant[] = [
  {
    name: 'the partition that a record names is not asked for',
    danger: 'records are in another partition than their readers look at',
    file: ADMISSION,
    code: 'partition ?? this.#deps.partitioner(topic, key)',
    instead: 'this.#deps.partitioner(topic, key)',
  },
  {
    name: 'keys move while a partition has no leader',
    danger: 'records of one key are in two partitions, and out of order',
    file: PARTITIONER,
    code: 'return (murmur2(key) & 0x7fff_ffff) % topic.partitions.length',
    instead: 'return topic.availablePartitions[(murmur2(key) & 0x7fff_ffff) % topic.availablePartitions.length] ?? 0',
  },
  {
    name: 'a request names each partition by its place in the request',
    danger: 'records are in another partition than is said',
    file: REQUEST,
    code: 'entry.partitions.push({ index, records',
    instead: 'entry.partitions.push({ index: Math.min(index, entry.partitions.length), records',
  },
]
