import { Producer as Engine } from '@linger/producer'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({
  topics: ['calls-a', 'calls-b', 'calls-c', 'calls-d'].map((name) => ({ name, partitions: 1 })),
})

/** As long as what a producer knows of partitions is good, and some. */
const STALE_MS = 150

afterEach(() => {
  vi.restoreAllMocks()
})

/** Answers how many engines were used and not closed. */
function watchEngines(): () => number {
  const used = new Set<unknown>()
  const closed = new Set<unknown>()
  const { connect, close } = Engine.prototype
  vi.spyOn(Engine.prototype, 'connect').mockImplementation(function (this: Engine) {
    used.add(this)
    return connect.call(this)
  })
  vi.spyOn(Engine.prototype, 'close').mockImplementation(function (this: Engine, options) {
    closed.add(this)
    return close.call(this, options)
  })
  return () => [...used].filter((engine) => !closed.has(engine)).length
}

const offsetOf = (answer: readonly { readonly topicName: string; readonly baseOffset?: string }[], topic: string) =>
  Number(answer.find(({ topicName }) => topicName === topic)?.baseOffset)

test('a send does not pass a batch of several topics that was given before', async () => {
  const producer = local.kafka().producer()
  await producer.connect()
  for (const topic of ['calls-a', 'calls-b']) await producer.send({ topic, messages: [{ key: 'k', value: 'first' }] })
  await delay(STALE_MS)
  const topicMessages = ['calls-a', 'calls-b'].map((topic) => ({ topic, messages: [{ key: 'k', value: 'second' }] }))
  const [batch, single] = await Promise.all([
    producer.sendBatch({ topicMessages }),
    producer.send({ topic: 'calls-b', messages: [{ key: 'k', value: 'third' }] }),
  ])
  expect([offsetOf(batch, 'calls-b'), offsetOf(single, 'calls-b')]).toEqual([1, 2])
  await producer.disconnect()
})

test('first sends with new acks keep their order, and share an engine', async () => {
  const producer = local.kafka().producer()
  await producer.connect()
  const send = (value: string) => producer.send({ topic: 'calls-c', acks: 1, messages: [{ key: 'k', value }] })
  const sends = [send('1'), send('2')]
  for (let turn = 0; turn < 4; turn++) await Promise.resolve()
  sends.push(send('3'))
  expect((await Promise.all(sends)).map((answer) => offsetOf(answer, 'calls-c'))).toEqual([0, 1, 2])
  await producer.disconnect()
})

test('disconnect() waits for an engine that is made just now, and connect() makes new contact', async () => {
  const openEngines = watchEngines()
  const producer = local.kafka().producer()
  await Promise.all([producer.connect(), producer.connect()])
  const sent = producer.send({ topic: 'calls-d', acks: 1, messages: [{ value: 'v' }] }).catch(() => {})
  await producer.disconnect()
  await sent
  expect(openEngines()).toBe(0)
  await producer.connect()
  expect(producer.linger).toBeDefined()
  await producer.disconnect()
  expect(openEngines()).toBe(0)
})

test('disconnect() while connect() runs leaves nothing behind', async () => {
  const openEngines = watchEngines()
  const producer = local.kafka().producer()
  const connected = producer.connect().catch(() => {})
  await producer.disconnect()
  await connected
  expect(openEngines()).toBe(0)
})

test('disconnect() while a transaction begins leaves nothing behind', async () => {
  const openEngines = watchEngines()
  const producer = local.kafka().producer({ transactionalId: 'calls', idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const begun = producer.transaction().catch(() => {})
  await producer.disconnect()
  await begun
  expect(openEngines()).toBe(0)
})
