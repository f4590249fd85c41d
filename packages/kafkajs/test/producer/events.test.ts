import { expect, test, vi } from 'vitest'
import type { RequestEvent } from '../../src/index.ts'
import { unchecked, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 1 }] })

test('connecting, requests and disconnecting are told with what KafkaJS tells of them', async () => {
  const producer = local.kafka().producer()
  const types: string[] = []
  const requests: RequestEvent['payload'][] = []
  for (const name of Object.values(producer.events)) producer.on(name, ({ type }) => void types.push(type))
  producer.on(producer.events.REQUEST, ({ payload }) => void requests.push(payload))
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'v' }] })
  await producer.disconnect()

  expect([types[0], types.at(-1)]).toEqual(['producer.network.request', 'producer.disconnect'])
  expect(types).toContain('producer.connect')
  expect(new Set(requests.map(({ apiName }) => apiName))).toEqual(new Set(['ApiVersions', 'Metadata', 'Produce']))
  const last = requests.at(-1)
  const broker = local.bootstrapServers
  expect(last).toMatchObject({ apiKey: 0, apiName: 'Produce', broker, clientId: 'test', pendingDuration: 0 })
  const numbers = ['apiVersion', 'correlationId', 'createdAt', 'sentAt', 'duration', 'size'] as const
  expect(numbers.map((key) => typeof last?.[key])).toEqual(numbers.map(() => 'number'))
})

test('a request that is not answered is told when it has waited for too long', async () => {
  const producer = local.kafka({ requestTimeout: 50 }).producer({ retry: { retries: 2 } })
  const timedOut = vi.fn()
  producer.on(producer.events.REQUEST_TIMEOUT, ({ payload }) => void timedOut(payload.apiName))
  await producer.connect()
  local.cluster.faults.push({ api: 'Produce' }, { kind: 'hang' })
  await producer.send({ topic: 'orders', messages: [{ value: 'v' }] })
  expect(timedOut.mock.calls).toEqual([['Produce']])
  await producer.disconnect()
})

test('a listener that fails is logged, and one that was taken away hears nothing', async () => {
  const producer = local.kafka().producer()
  const removed = vi.fn()
  const removeListener = producer.on(producer.events.CONNECT, removed)
  removeListener()
  producer.on(producer.events.CONNECT, () => {
    throw new Error('no')
  })
  await producer.connect()
  await vi.waitFor(() => expect(local.logged.map(({ log }) => log.message)).toContain('Failed to execute listener: no'))
  expect(removed).not.toHaveBeenCalled()
  await producer.disconnect()
})

test('a name that is no event is refused with the names that are', () => {
  const producer = local.kafka().producer()
  expect(() => producer.on(unchecked('producer.none'), () => {})).toThrow(
    'Event name should be one of producer.events.CONNECT, producer.events.DISCONNECT, producer.events.REQUEST, producer.events.REQUEST_TIMEOUT, producer.events.REQUEST_QUEUE_SIZE',
  )
})
