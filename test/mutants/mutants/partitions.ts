import type { Mutant } from '../mutant.ts'

const ADMISSION = 'packages/producer/src/accumulate/admission.ts'
const PARTITIONER = 'packages/producer/src/partition/partitioner.ts'
const UPDATE = 'packages/producer/src/cluster/update-topic.ts'
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
    name: 'the sign of a hash is dropped instead of its bit',
    danger: 'half of the keys are in another partition than where every other client puts them',
    file: PARTITIONER,
    code: '(murmur2(key) & 0x7fff_ffff)',
    instead: 'Math.abs(murmur2(key))',
  },
  {
    name: 'a record that nobody gave a key is hashed as an empty one',
    danger: 'all records without a key are in one partition',
    file: PARTITIONER,
    code: "case 'default':\n      return (topic, key) => (key === null ? stickyPartition(topic, random) : byMurmur2(topic, key))",
    instead: "case 'default':\n      return (topic, key) => byMurmur2(topic, key ?? new Uint8Array(0))",
  },
  {
    name: 'partitions that were added are not used',
    danger: 'records that name one are refused for ever',
    file: UPDATE,
    code: 'for (let index = partitions.length; index < answer.partitions.length; index++)',
    instead:
      'for (let index = partitions.length; index < answer.partitions.length && topic.partitions.length === 0; index++)',
  },
  {
    name: 'a request names each partition by its place in the request',
    danger: 'records are in another partition than is said',
    file: REQUEST,
    code: 'entry.partitions.push({ index, records',
    instead: 'entry.partitions.push({ index: Math.min(index, entry.partitions.length), records',
  },
]
