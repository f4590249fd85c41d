import { startBroker } from '@linger/broker'
import { metadata } from '@linger/protocol'
import { describe, expect, inject, test, vi } from 'vitest'
import { BrokerConnection } from '../../demo/broker-connection.ts'
import { startCluster } from '../real-kafka/index.ts'
import { runProgram, startProgram } from '../run-program.ts'

const kafka = inject('kafka')
const COUNT = 20_000
const ALL_WELL = { records: COUNT, acked: COUNT, verified: COUNT, lost: 0, duplicated: 0, reordered: 0 }

describe('the demo', () => {
  test('verifies all its records on the embedded broker, and its last line is the result', async () => {
    const { exitCode, stdout, stderr } = await runProgram('demo/main.ts', '--records', String(COUNT), '--json')
    const result = resultOf(stdout)
    expect(result, stderr).toMatchObject(ALL_WELL)
    expect(Object.keys(result)).toEqual([...Object.keys(ALL_WELL), 'recordsPerSecond', 'p50Ms', 'p99Ms'])
    expect(result['recordsPerSecond']).toBeGreaterThan(0)
    expect(result['p99Ms']).toBeGreaterThanOrEqual(result['p50Ms'] ?? Number.NaN)
    expect(exitCode).toBe(0)
  })

  test.skipIf(kafka === null)('verifies all its records on a real Kafka, and leaves no topic behind', async () => {
    const { bootstrapServers } = kafka ?? { bootstrapServers: '' }
    const args = ['--bootstrap-servers', bootstrapServers, '--records', String(COUNT), '--json']
    const { exitCode, stdout } = await runProgram('demo/main.ts', ...args)
    expect(resultOf(stdout), stdout).toMatchObject(ALL_WELL)
    expect(exitCode).toBe(0)
    await vi.waitFor(async () => expect(await demoTopics(bootstrapServers)).toEqual([]))
  })

  // Only where Kafka came from Maven do we know that local JVMs can run.
  test.skipIf(kafka?.provider !== 'maven')('reads back from the leaders of several brokers', async () => {
    const cluster = await startCluster({ brokerCount: 3, heapMb: 256 })
    try {
      const args = ['--bootstrap-servers', cluster.bootstrapServers, '--records', String(COUNT), '--json']
      const { exitCode, stdout, stderr } = await runProgram('demo/main.ts', ...args)
      expect(exitCode, stdout + stderr).toBe(0)
      expect(resultOf(stdout)).toMatchObject(ALL_WELL)
    } finally {
      await cluster.stop()
    }
  })

  test('verifies only its own records in a topic that holds others, and keeps the topic', async () => {
    const broker = await startBroker()
    try {
      const args = ['--bootstrap-servers', broker.bootstrapServers, '--topic', 'kept', '--records', '1000', '--json']
      const first = await runProgram('demo/main.ts', ...args)
      const second = await runProgram('demo/main.ts', ...args)
      expect([first.exitCode, second.exitCode]).toEqual([0, 0])
      expect(resultOf(second.stdout)).toMatchObject({ records: 1_000, verified: 1_000, duplicated: 0 })
      const ends = broker.broker.cluster.topicNamed('kept')?.partitions.map(({ log }) => log.endOffset) ?? []
      expect(ends.reduce((sum, end) => sum + end, 0)).toBe(2_000)
    } finally {
      await broker.close()
    }
  })

  test('ends with 1 when a broker acknowledges records and keeps none', async () => {
    const broker = await startBroker({ sink: true })
    try {
      const args = ['--bootstrap-servers', broker.bootstrapServers, '--records', '1000', '--json']
      const { exitCode, stdout, stderr } = await runProgram('demo/main.ts', ...args)
      expect(exitCode, stdout + stderr).toBe(1)
      expect(resultOf(stdout)).toMatchObject({ records: 1_000, acked: 1_000, verified: 0, lost: 1_000 })
      expect(stdout).toContain('NOT ALL RECORDS WERE VERIFIED')
    } finally {
      await broker.close()
    }
  })

  test.each([
    [['--bootstrap-servers', '127.0.0.1:1'], /^error: no bootstrap server can be used: 127\.0\.0\.1:1 .*ECONNREFUSED/u],
    [['--bootstrap-servers', 'nowhere'], /^error: bootstrapServers: 'nowhere' is not host:port/u],
    [['--records', 'many'], /^error: option '--records <count>' argument 'many' is invalid/u],
    [['--value-bytes', '3'], /^error: option '--value-bytes <bytes>' argument '3' is invalid. It must be .* from 8/u],
    [['--bootstrap', 'x'], /^error: unknown option '--bootstrap'/u],
    [['stray'], /^error: too many arguments/u],
  ])('with %j says in one line what is wrong, and ends with 1', async (args, says) => {
    const { exitCode, stdout, stderr } = await runProgram('demo/main.ts', ...args)
    expect(stderr).toMatch(says)
    expect(stderr).not.toContain('    at ')
    expect([exitCode, stdout]).toEqual([1, ''])
  })

  test('that is interrupted stops its broker and ends', async () => {
    const demo = startProgram('demo/main.ts', ['--records', '100000000'])
    try {
      let stderr = ''
      demo.child.stderr?.on('data', (text: string) => (stderr += text))
      await vi.waitFor(() => expect(stderr).toContain('producing'), { timeout: 20_000 })
      demo.child.kill('SIGINT')
      // The broker shares the demo's stderr, so this also waits for the broker's end.
      expect(await demo.ended).toMatchObject({ exitCode: 130, stdout: '' })
      expect(stderr).toContain('interrupted')
    } finally {
      demo.child.kill('SIGKILL')
    }
  })
})

/** The JSON of the last line. */
function resultOf(stdout: string): Readonly<Record<string, number>> {
  const result: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  if (!isNumbers(result)) throw new Error(`not an object of numbers: ${stdout}`)
  return result
}

function isNumbers(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'number')
}

async function demoTopics(bootstrapServers: string): Promise<string[]> {
  const broker = await BrokerConnection.open(bootstrapServers.split(',')[0] ?? '')
  const { topics } = await broker.ask(metadata, { topics: null, allowAutoTopicCreation: false })
  broker.close()
  return topics.flatMap(({ name }) => (name?.startsWith('linger-demo-') === true ? [name] : []))
}
