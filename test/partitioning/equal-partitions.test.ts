import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Partitioners } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Topic } from '../../packages/producer/src/accumulate/topic.ts'
import { partitionerFor, type PartitionerName } from '../../packages/producer/src/partition/partitioner.ts'
import { hasJava } from '../conformance/java-presence.ts'
import { javaPartitions, librdkafkaPartitions, type PartitionsOf } from './other-clients.ts'
import { randomKeys, sizedKeys } from './random-keys.ts'

const COUNTS = [3, 12, 1_000]
const KEYS = randomKeys(100_000)

const hasLibrdkafka = findLibrdkafka()

const clients: [name: string, ours: PartitionerName, isHere: boolean, theirs: PartitionsOf][] = [
  ["Java's producer", 'default', hasJava, javaPartitions],
  ["librdkafka's consistent_random", 'consistent-random', hasLibrdkafka, librdkafkaPartitions('consistent_random')],
  ["librdkafka's murmur2_random", 'default', hasLibrdkafka, librdkafkaPartitions('murmur2_random')],
  ["KafkaJS's LegacyPartitioner", 'kafkajs-legacy', true, kafkaJsPartitions],
]

describe('100,000 random keys', () => {
  let folder = ''
  let file = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'linger-keys-'))
    file = join(folder, 'keys')
    await writeFile(file, sizedKeys(KEYS))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
  })

  for (const [name, ours, isHere, theirs] of clients) {
    test.skipIf(!isHere)(`have the partitions that ${name} gives them`, async () => {
      const expected = (await theirs(file, COUNTS)).trimEnd().split('\n')
      expect(expected).toHaveLength(KEYS.length)
      const partitioner = partitionerFor(ours, { next: () => 0 })
      const topics = COUNTS.map(topicOf)
      const different = KEYS.flatMap((key, index) => {
        const chosen = topics.map((topic) => partitioner(topic, key)).join(' ')
        return chosen === expected[index] ? [] : [{ key: key.toString('hex'), chosen, expected: expected[index] }]
      })
      expect(different).toEqual([])
    })
  }
})

function topicOf(count: number): Topic {
  const topic = new Topic('t')
  topic.setPartitionCount(count)
  return topic
}

async function kafkaJsPartitions(_file: string, counts: readonly number[]): Promise<string> {
  const partitioner = Partitioners.LegacyPartitioner()
  const topics = counts.map((count) =>
    Array.from({ length: count }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 1,
      replicas: [1],
      isr: [1],
    })),
  )
  const lineOf = (key: Buffer): string =>
    topics
      .map((partitionMetadata) => partitioner({ topic: 't', partitionMetadata, message: { key, value: null } }))
      .join(' ')
  return KEYS.map(lineOf).join('\n')
}

function findLibrdkafka(): boolean {
  try {
    execFileSync('cc', ['-E', '-x', 'c', '-'], {
      input: '#include <librdkafka/rdkafka.h>\n',
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    return true
  } catch {
    process.stderr.write('LEFT OUT: no C compiler with librdkafka: its partitions are not compared with ours\n')
    return false
  }
}
