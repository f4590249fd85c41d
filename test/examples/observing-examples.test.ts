import { startBroker, type RunningBroker } from '@linger/broker'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runProgram, startProgram } from '../run-program.ts'

const WAIT = { timeout: 30_000, interval: 20 }

describe('the example', () => {
  let broker: RunningBroker

  beforeAll(async () => {
    broker = await startBroker()
  })
  afterAll(async () => {
    await broker.close()
  })

  test('metrics-and-statistics logs both with pino', async () => {
    const lines = await linesOf('metrics-and-statistics')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { msg: 'metrics', sent: 1000, failed: 0, bufferIsEmpty: true, toOrders: 1000 },
      { msg: 'statistics', txmsgs: 1000, unsettled: 0 },
    ])
  })

  test('opentelemetry-traces has one trace for a request and its record', async () => {
    const [first, second] = await linesOf('opentelemetry-traces')
    expect(first).toMatch(/^send orders, within another, to partition \d$/u)
    expect(second).toBe('POST /orders')
  })

  test('broker-telemetry lets brokers collect what it has sent', async () => {
    const collecting = await startBroker({ clientTelemetry: true })
    const { clientMetrics } = collecting.broker.cluster
    clientMetrics.subscribe('all', { metrics: ['*'], intervalMs: 60_000 })
    try {
      const { exitCode, stdout } = await runProgram('examples/broker-telemetry.ts', collecting.bootstrapServers)
      const [pushed] = clientMetrics.pushed
      expect([exitCode, stdout]).toEqual([0, `the brokers call this producer ${pushed?.clientInstanceId}\n`])
      expect(pushed?.terminating, 'at its end').toBe(true)
      expect(Buffer.from(pushed?.metrics ?? []).toString()).toContain('org.apache.kafka.producer.record.send.total')
    } finally {
      await collecting.close()
    }
  })

  test('diagnostics-channel sees every request and its answer', async () => {
    const lines = await linesOf('diagnostics-channel')
    expect(lines).toContainEqual(expect.stringMatching(/^ApiVersions v4 to -1: answered$/u))
    expect(lines).toContainEqual(expect.stringMatching(/^Produce v\d+ to 1: answered$/u))
  })

  test('prometheus-metrics shows what was sent', async () => {
    const service = startProgram('examples/prometheus-metrics.ts', [], { KAFKA: broker.bootstrapServers, PORT: '0' })
    try {
      const port = await vi.waitFor(() => {
        const [, found] = /listening on (\d+)/u.exec(service.stdout()) ?? []
        if (found === undefined) throw new Error('the service does not listen yet')
        return found
      }, WAIT)
      for (let count = 0; count < 3; count++) await fetch(`http://127.0.0.1:${port}/hello`)
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      expect(metrics).toContain('kafka_producer_record_send_total{client_id="requests"} 3\n')
      service.child.kill('SIGTERM')
      expect(await service.ended).toMatchObject({ exitCode: 0, stderr: '' })
    } finally {
      service.child.kill('SIGKILL')
    }
  })

  async function linesOf(name: string): Promise<string[]> {
    const { exitCode, stdout, stderr } = await runProgram(`examples/${name}.ts`, broker.bootstrapServers)
    expect([exitCode, stderr]).toEqual([0, ''])
    return stdout.trimEnd().split('\n')
  }
})
