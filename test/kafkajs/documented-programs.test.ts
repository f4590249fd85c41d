import { randomUUID } from 'node:crypto'
import * as linger from '@linger/kafkajs'
import kafkajs from 'kafkajs'
import { beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { unchecked } from '../../packages/producer/test/world/unchecked.ts'
import { readBackAll } from '../real-kafka/index.ts'
import type { ReadRecord } from '../read-back/record-dump.ts'
import { documentedPrograms, type DocumentedProgram, type Library, type Site } from './documented-programs.ts'

const kafka = inject('kafka')
const { bootstrapServers } = kafka ?? { bootstrapServers: '' }
const brokers = bootstrapServers.split(',')

/** By each library's own types: that programs compile with both is a test of its own. */
const theirs: Library = unchecked(kafkajs)
const ours: Library = unchecked(linger)

process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'

async function newSite(): Promise<Site> {
  const run = randomUUID()
  const site = { brokers, topic: `documented-a-${run}`, otherTopic: `documented-b-${run}`, groupId: `group-${run}` }
  const admin = new linger.Kafka({ brokers, logLevel: linger.logLevel.NOTHING }).admin()
  const topics = [site.topic, site.otherTopic]
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 3 })) })
  // Leaders that do not know it yet: KafkaJS gives up on a send that meets one.
  for (const topic of topics) await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  return site
}

interface Left {
  readonly told: unknown
  readonly offset: string | undefined
  readonly records: readonly string[]
}

interface Run {
  readonly program: DocumentedProgram
  readonly site: Site
  readonly told: unknown
}

/** Runs every program with one library, each on topics of its own. */
async function runAll(library: Library): Promise<Run[]> {
  const runs: Run[] = []
  for (const program of documentedPrograms) {
    const site = await newSite()
    // The first group of a cluster finds its coordinator still loading, which KafkaJS does not wait for in a transaction.
    await groupOffset(site)
    runs.push({ program, site, told: await program.run(library, site) })
  }
  return runs
}

/** What the programs have left for those who read what is committed, by their sections. One reader reads all. */
async function leftBy(runs: readonly Run[]): Promise<ReadonlyMap<string, Left>> {
  const topics = runs.flatMap(({ site }) => [site.topic, site.otherTopic])
  const records = await readBackAll({ bootstrapServers, topics, isolationLevel: 'read_committed' })
  const left = new Map<string, Left>()
  for (const { program, site, told } of runs) {
    const own = records.filter(({ topic }) => topic === site.topic || topic === site.otherTopic)
    const contents = own.map((record) => contentOf(record, site)).toSorted()
    left.set(program.section, { told, offset: await groupOffset(site), records: contents })
  }
  return left
}

function contentOf({ topic, partition, key, value, headers, timestamp }: ReadRecord, site: Site): string {
  const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'))
  return JSON.stringify({
    topic: topic === site.topic ? 'a' : 'b',
    partition,
    key: text(key),
    value: text(value),
    headers: headers.map(([name, bytes]) => [name, text(bytes)]),
    timestamp: timestamp === 1_700_000_000_000 ? 'given' : 'now',
  })
}

async function groupOffset({ topic, groupId }: Site): Promise<string | undefined> {
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  const [offsets] = await vi.waitFor(() => admin.fetchOffsets({ groupId, topics: [topic] }), {
    timeout: 60_000,
    interval: 100,
  })
  await admin.disconnect()
  return offsets?.partitions.find(({ partition }) => partition === 0)?.offset
}

describe.skipIf(kafka === null)("what KafkaJS's documentation shows, on a real Kafka", () => {
  let ofKafkaJs: ReadonlyMap<string, Left> = new Map()
  let ofLinger: ReadonlyMap<string, Left> = new Map()

  beforeAll(async () => {
    ofKafkaJs = await leftBy(await runAll(theirs))
    ofLinger = await leftBy(await runAll(ours))
  })

  test.each(documentedPrograms)('$section', ({ section }) => {
    const left = ofLinger.get(section)
    expect(left).toEqual(ofKafkaJs.get(section))
    expect(left?.records.length).toBeGreaterThan(0)
  })
})
