import { startBroker } from '@linger/broker'
import { describe, expect, inject, test, vi } from 'vitest'
import { partitionEnds } from '../../demo/topic.ts'
import { startProgram } from '../run-program.ts'

const kafka = inject('kafka')

const WAIT = { timeout: 60_000, interval: 20 }
const EVENTS = ['created', 'shipped', 'cancelled'] as const

async function countIn(bootstrapServers: string, event: string): Promise<number> {
  const ends = await partitionEnds(bootstrapServers, `order-${event}`)
  return ends.reduce((sum, { offset }) => sum + offset, 0)
}

/** Posts what happens to some orders, and stops the service: all of it is in the log then. */
async function serve(bootstrapServers: string): Promise<void> {
  const service = startProgram('examples/orders-from-kafkajs.ts', [], { KAFKA: bootstrapServers, PORT: '0' })
  try {
    const port = await vi.waitFor(() => {
      const [, found] = /listening on (\d+)/u.exec(service.stdout()) ?? []
      if (found === undefined) throw new Error('the service does not listen yet')
      return found
    }, WAIT)
    const post = (id: number, event: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/orders/${id}/${event}`, { method: 'POST' })
    const answers = Array.from({ length: 10 }, (_, id) => EVENTS.map((event) => post(id, event))).flat()
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([201]))
    expect((await post(1, 'eaten')).status).toBe(404)
    service.child.kill('SIGTERM')
    expect(await service.ended).toMatchObject({ exitCode: 0 })
    expect(service.stdout()).toContain('everything is written')
  } finally {
    service.child.kill('SIGKILL')
  }
}

describe('the order service that was written for KafkaJS', () => {
  test('publishes what happens to orders', async () => {
    const broker = await startBroker()
    await serve(broker.bootstrapServers)
    for (const event of EVENTS) expect(await countIn(broker.bootstrapServers, event)).toBe(10)
    await broker.close()
  })

  test.skipIf(kafka === null)('publishes it to a real Kafka', async () => {
    const { bootstrapServers } = kafka ?? { bootstrapServers: '' }
    await serve(bootstrapServers)
    for (const event of EVENTS) expect(await countIn(bootstrapServers, event)).toBeGreaterThanOrEqual(10)
  })
})
