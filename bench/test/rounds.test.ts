import { startBroker, type StartBrokerOptions } from '@linger/broker'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Cluster, startSink } from '../run/cluster.ts'
import { assertLogHolds } from '../run/log-count.ts'
import { ratioOf, recordsPerSecond, runRounds } from '../run/rounds.ts'
import { createTopic } from '../run/topics.ts'
import { baseWorkload } from '../suites/suite.ts'

// Each client is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

let cluster: Cluster

async function startEmbedded(options: StartBrokerOptions = {}): Promise<Cluster> {
  const broker = await startBroker(options)
  const { bootstrapServers } = broker
  return { bootstrapServers, description: 'embedded', topicConfigs: [], stop: () => broker.close() }
}

beforeAll(async () => {
  cluster = await startEmbedded()
})

afterAll(async () => {
  await cluster.stop()
})

const workload = {
  ...baseWorkload(true),
  mode: 'awaited',
  partitioning: 'hot',
  lingerMs: 0,
  warmupRecords: 5,
  warmupMs: 10_000,
  records: 50,
  durationMs: 10_000,
} as const

test('clients run once per round, and what they say was acknowledged is in the log', async () => {
  const topic = { topic: await createTopic(cluster, 'kept', 1), records: 0, controlRecords: 0 }
  const contestants = [
    { label: 'raw socket', client: 'raw-socket' },
    { label: 'raw socket again', client: 'raw-socket', topic },
  ] as const
  const lines: string[] = []
  const results = await runRounds(cluster, { suite: 'test', workload, contestants, rounds: 2 }, (line) => {
    lines.push(line)
  })

  expect(lines).toEqual([
    'test: warming up the broker with raw socket',
    'test: round 1 of 2, raw socket',
    'test: round 1 of 2, raw socket again',
    'test: round 2 of 2, raw socket',
    'test: round 2 of 2, raw socket again',
  ])
  expect(topic.records).toBe(110)
  for (const { measurements, absence } of results.values()) {
    expect(absence).toBeUndefined()
    expect(measurements.map(({ records, recordsBefore }) => [records, recordsBefore])).toEqual([
      [50, 5],
      [50, 5],
    ])
    expect(measurements[0]?.latencyMs?.p50).toBeGreaterThan(0)
  }
  expect(ratioOf(results, 'raw socket', 'raw socket again', recordsPerSecond)).toBeGreaterThan(0)
})

test('a client that cannot run drops out with a reason, and the others go on', async () => {
  const contestants = [
    { label: 'impossible', client: 'raw-socket', workload: { valueBytes: -1 } },
    { label: 'raw socket', client: 'raw-socket' },
  ] as const
  const results = await runRounds(cluster, { suite: 'test', workload, contestants, rounds: 1 }, () => {})

  const absence = results.get('impossible')?.absence
  expect(absence?.absent).toBe('failed')
  expect(absence?.why).toContain('RangeError')
  expect(results.get('raw socket')?.measurements).toHaveLength(1)
  expect(ratioOf(results, 'raw socket', 'impossible', recordsPerSecond)).toMatchObject({ absent: 'failed' })
})

test.each([1, 2] as const)(
  'the markers of transactions v%i are in the log, and counted',
  async (transactionVersion) => {
    const transactional = await startEmbedded({ transactionVersion })
    const groups = { ...workload, mode: 'groups', partitioning: 'round-robin', transactional: true } as const
    const topic = { topic: await createTopic(transactional, 'kept', 6), records: 0, controlRecords: 0 }
    const contestants = [
      { label: 'raw socket', client: 'raw-socket', workload: { groupRecords: 2, records: 20, warmupRecords: 2 } },
      { label: 'linger', client: 'linger', workload: { groupRecords: 10, records: 30, warmupRecords: 10 }, topic },
    ] as const
    const results = await runRounds(
      transactional,
      { suite: 'test', workload: groups, contestants, rounds: 1 },
      () => {},
    )
    await transactional.stop()

    expect([...results.values()].map(({ absence }) => absence)).toEqual([undefined, undefined])
    expect(results.get('raw socket')?.measurements[0]?.settings).toMatchObject({
      transactions: `v${transactionVersion}`,
    })
    // Four transactions, each in all six partitions.
    expect(topic).toMatchObject({ records: 40, controlRecords: 24 })
  },
)

test('markers that are not in the log are missed', async () => {
  const topic = { topic: await createTopic(cluster, 'plain', 1), records: 0, controlRecords: 1 }
  await expect(assertLogHolds(topic, { markersTimeoutMs: 100 })).rejects.toThrow('and 1 markers written, the log of')
})

test('what a batch is compressed from and to is counted', async () => {
  const program = join(import.meta.dirname, '../clients/linger/counted-compression.ts')
  const own = { mode: 'groups', groupRecords: 10, compressionType: 'lz4', values: 'json', valueBytes: 1_000 } as const
  const contestants = [{ label: 'linger', client: [process.execPath, program], workload: own }] as const
  const results = await runRounds(cluster, { suite: 'test', workload, contestants, rounds: 1 }, () => {})

  const {
    batches = 0,
    uncompressedBytes = 0,
    compressedBytes = 0,
    splits,
  } = results.get('linger')?.measurements[0]?.compression ?? {}
  expect(batches).toBeGreaterThan(0)
  expect(splits).toBe(0)
  expect(uncompressedBytes).toBeGreaterThan(60_000)
  expect(compressedBytes).toBeLessThan(uncompressedBytes / 2)
})

test('a paced client produces at its rate, and tells how busy its event loop was and how late a timer', async () => {
  const own = { mode: 'paced', recordsPerSecond: 2_000, records: 1e9, durationMs: 500, warmupMs: 100 } as const
  const contestants = [{ label: 'linger', client: 'linger', workload: own }] as const
  const results = await runRounds(cluster, { suite: 'test', workload, contestants, rounds: 1 }, () => {})

  const { records = 0, eventLoop } = results.get('linger')?.measurements[0] ?? {}
  expect(records).toBe(1_000)
  expect(eventLoop?.utilization).toBeGreaterThan(0)
  expect(eventLoop?.timerLateMs.p99).toBeGreaterThan(0)
})

test('a sink that takes its time acknowledges late', async () => {
  const sink = await startSink({ ackDelayMs: 50 })
  const contestants = [
    { label: 'raw socket', client: 'raw-socket', workload: { records: 3, warmupRecords: 1 } },
  ] as const
  const results = await runRounds(sink, { suite: 'test', workload, contestants, rounds: 1 }, () => {})
  await sink.stop()
  expect(results.get('raw socket')?.measurements[0]?.latencyMs?.p50).toBeGreaterThan(49)
})

test('a program that writes nothing needs no topic', async () => {
  const own = { mode: 'groups', groupRecords: 20, compressionType: 'zstd', values: 'json', valueBytes: 1_000 } as const
  const contestants = [{ label: 'bare library', client: 'bare-codec', topic: 'none', workload: own }] as const
  const results = await runRounds(cluster, { suite: 'test', workload, contestants, rounds: 1 }, () => {})

  const { records, compression } = results.get('bare library')?.measurements[0] ?? {}
  expect(records).toBe(60)
  // Two batches of ten records to a group: a group of warm-up, and three.
  expect(compression?.batches).toBe(8)
  expect(compression?.uncompressedBytes).toBeGreaterThan(80_000)
})
