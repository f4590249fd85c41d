import { type RunningBroker, startBroker } from '@linger/broker'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { readBackAll } from '../read-back/read-back.ts'
import { type RunningProgram, startProgram } from '../run-program.ts'

const WAIT = { timeout: 60_000, interval: 20 }
const kafka = inject('kafka')

describe('the service', () => {
  let broker: RunningBroker

  beforeAll(async () => {
    broker = await startBroker()
  })
  afterAll(async () => {
    await broker.close()
  })

  test.each(['fastify-orders', 'express-orders'])(
    '%s places orders, tells if it is ready, and loses none',
    async (name) => {
      for (const bootstrapServers of [broker.bootstrapServers, ...(kafka === null ? [] : [kafka.bootstrapServers])]) {
        const TOPIC = `${name}-${process.pid}`
        const service = startProgram(`examples/${name}.ts`, [], { KAFKA: bootstrapServers, PORT: '0', TOPIC })
        try {
          const url = `http://127.0.0.1:${await portOf(service)}`
          const place = async (customer: string): Promise<Response> =>
            fetch(`${url}/orders`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ customer, item: 'tea' }),
            })
          const placed = await Promise.all(Array.from({ length: 20 }, async (_, index) => place(`customer-${index}`)))
          expect(new Set(placed.map(({ status }) => status))).toEqual(new Set([201]))
          const ready = await fetch(`${url}/ready`)
          expect([ready.status, await ready.json()]).toEqual([
            200,
            { state: 'OPEN', isConnected: true, bufferedRecords: 0, oldestUnsettledMs: 0 },
          ])
          expect((await fetch(`${url}/live`)).status).toBe(200)
          service.child.kill('SIGTERM')
          expect(await service.ended).toMatchObject({ exitCode: 0, stderr: '' })
          expect(service.stdout()).toContain('everything is written')
          expect(await readBackAll({ bootstrapServers, topics: [TOPIC] })).toHaveLength(20)
        } finally {
          service.child.kill('SIGKILL')
        }
      }
    },
  )

  test('component acknowledges in order, pauses, and drains at its end', async () => {
    const component = startComponent('drained')
    component.say('+one', '+two')
    await vi.waitFor(() => expect(component.lines()).toEqual(['ack one 0', 'ack two 1']), WAIT)
    component.say('pause', '+three', '+four')
    component.say('drain')
    expect(await component.ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(component.lines()).toEqual(['ack one 0', 'ack two 1', 'ack three 2', 'ack four 3', 'ended'])
  })

  test('component that is killed tells of each record, and of none what is not so', async () => {
    const component = startComponent('killed')
    component.say('+one')
    await vi.waitFor(() => expect(component.lines()).toEqual(['ack one 0']), WAIT)
    component.say('pause', '+two', 'kill')
    expect(await component.ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(component.lines()).toEqual(['ack one 0', 'error two CLOSED never', 'ended'])
    expect(await readBackAll({ bootstrapServers: broker.bootstrapServers, topics: ['killed'] })).toHaveLength(1)
  })

  function startComponent(topic: string): RunningProgram & {
    readonly say: (...lines: readonly string[]) => void
    readonly lines: () => string[]
  } {
    const program = startProgram('examples/component.ts', [broker.bootstrapServers, topic], {}, 'pipe')
    return {
      ...program,
      say: (...lines) => void program.child.stdin?.write(`${lines.join('\n')}\n`),
      lines: () => program.stdout().trimEnd().split('\n'),
    }
  }

  async function portOf(service: RunningProgram): Promise<string> {
    return vi.waitFor(() => {
      const [, port] = /listening on (\d+)/u.exec(service.stdout()) ?? []
      if (port === undefined) throw new Error('the service does not listen yet')
      return port
    }, WAIT)
  }
})
