import { startBroker } from '@linger/broker'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Cluster } from '../run/cluster.ts'
import { ratioOf, recordsPerSecond, runRounds } from '../run/rounds.ts'
import { createTopic } from '../run/topics.ts'
import { baseWorkload } from '../suites/suite.ts'

// Each client is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

let cluster: Cluster

beforeAll(async () => {
  const broker = await startBroker()
  const { bootstrapServers } = broker
  cluster = { bootstrapServers, description: 'embedded', topicConfigs: [], stop: () => broker.close() }
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
  const topic = { topic: await createTopic(cluster, 'kept', 1), records: 0 }
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
