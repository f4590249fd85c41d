import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Producer } from '@linger/producer'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTopic } from '../../demo/topic.ts'
import { readBack } from '../read-back/read-back.ts'
import type { Isolation } from '../read-back/transaction-witness.ts'
import { type KafkaCluster, startCluster } from '../real-kafka/index.ts'
import { hasLocalKafka } from './transaction-site.ts'
import { Transformer } from './transform-loop/transformer.ts'

const RECORDS = 100_000
const PARTITIONS = 6
/** After so many records of the two together, and again after so many. */
const KILL_TRANSFORMER_EVERY = 8_000
const KILL_BROKER_EVERY = 30_000

const CLUSTER = {
  brokerCount: 3,
  heapMb: 384,
  jvmArgs: ['-XX:TieredStopAtLevel=1'],
  properties: {
    'transaction.state.log.num.partitions': '3',
    'offsets.topic.num.partitions': '3',
    'unclean.leader.election.enable': 'false',
    // Failures are noticed in seconds.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'replica.lag.time.max.ms': '4000',
    'replica.socket.timeout.ms': '4000',
  },
} as const

/** T1, T2 and T6: exactly once and in order from one topic to another, whoever dies on the way. */
describe.skipIf(!hasLocalKafka)('consume, transform, produce', () => {
  test(
    `${RECORDS} records are copied once and in order while processes and brokers are killed`,
    { timeout: 300_000 },
    async () => {
      const cluster = await startCluster(CLUSTER)
      onTestFinished(async () => cluster.stop())
      const { bootstrapServers } = cluster
      const [input, output] = [`input-${randomUUID()}`, `output-${randomUUID()}`]
      for (const topic of [input, output]) await createTopic(bootstrapServers, topic, PARTITIONS)
      await fill(bootstrapServers, input)

      const transformers = [
        [0, 1, 2],
        [3, 4, 5],
      ].map((partitions, n) => new Transformer({ bootstrapServers, input, output, name: `copy-${n}`, partitions }))
      onTestFinished(() => {
        for (const transformer of transformers) transformer.stop()
      })
      const done = Promise.all(transformers.map(async (transformer) => transformer.done()))
      const brokerKillCount = await killOnTheWay(cluster, transformers, done)
      await done

      // A producer that had to give up, or a transaction that had to be repeated, is no loss, but none is needed here.
      expect(transformers.map(({ complaints }) => complaints)).toEqual(['', ''])
      expect(brokerKillCount).toBeGreaterThanOrEqual(3)
      expect(transformers.reduce((sum, { killCount }) => sum + killCount, 0)).toBeGreaterThanOrEqual(8)
      const expected = Array.from({ length: RECORDS / PARTITIONS }, (_, n) => n)
      const copied = await valuesByPartition(bootstrapServers, output, 'read_committed')
      for (let partition = 0; partition < PARTITIONS; partition++) {
        expect(copied.get(partition)?.length).toBe(Math.ceil((RECORDS - partition) / PARTITIONS))
        expect(copied.get(partition)?.slice(0, expected.length)).toEqual(expected)
      }
      const all = await valuesByPartition(bootstrapServers, output, 'read_uncommitted')
      const writtenCount = [...all.values()].reduce((sum, values) => sum + values.length, 0)
      expect(writtenCount, 'the kills left no transaction half done').toBeGreaterThan(RECORDS)
    },
  )
})

/** Record n goes to partition n mod 6, and its value is how many are before it there. */
async function fill(bootstrapServers: string, topic: string): Promise<void> {
  await using producer = new Producer({ bootstrapServers })
  for (let n = 0; n < RECORDS; n++) {
    const record = { topic, partition: n % PARTITIONS, value: `${Math.floor(n / PARTITIONS)}` }
    while (!producer.produce(record)) await producer.drained()
  }
  expect(await producer.flush()).toBe(0)
}

/** Kills by progress, not by the clock. The answer is how often a broker was killed. */
async function killOnTheWay(
  cluster: KafkaCluster,
  transformers: readonly Transformer[],
  done: Promise<unknown>,
): Promise<number> {
  let isDone = false
  const ended = done.then(
    () => (isDone = true),
    () => (isDone = true),
  )
  const killingTransformers = (async (): Promise<void> => {
    for (let n = 1; ; n++) {
      if (!(await untilCommitted(n * KILL_TRANSFORMER_EVERY))) return
      await transformers[n % transformers.length]?.kill()
    }
  })()
  let brokerKillCount = 0
  while (await untilCommitted((brokerKillCount + 0.5) * KILL_BROKER_EVERY)) {
    const broker = cluster.brokers[brokerKillCount % cluster.brokers.length]
    if (broker === undefined) throw new Error('the cluster has no broker')
    brokerKillCount += 1
    await broker.end('SIGKILL')
    await broker.start()
    await broker.untilAlive(cluster.brokers.length)
  }
  await Promise.all([killingTransformers, ended])
  return brokerKillCount

  /** False when there will be no more. */
  async function untilCommitted(count: number): Promise<boolean> {
    for (;;) {
      if (isDone) return false
      if (transformers.reduce((sum, { committedCount }) => sum + committedCount, 0) >= count) return true
      await delay(5)
    }
  }
}

async function valuesByPartition(
  bootstrapServers: string,
  topic: string,
  isolationLevel: Isolation,
): Promise<Map<number, number[]>> {
  const values = new Map<number, number[]>()
  for await (const { partition, value } of readBack({ bootstrapServers, topics: [topic], isolationLevel })) {
    const ofPartition = values.get(partition) ?? []
    ofPartition.push(Number(Buffer.from(value ?? []).toString()))
    values.set(partition, ofPartition)
  }
  return values
}
