import { initProducerId, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { RecordMetadata } from '../../src/index.ts'
import { appendButAnswer, refuseProduce } from '../world/broker-host.ts'
import { type Outcome, World } from '../world/world.ts'

const REQUEST_TIMED_OUT = 7
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45
const UNKNOWN_PRODUCER_ID = 59

// Bugs that producers of other projects had: each name says what ours does in the same place.

describe('platformatic #309: a broker that lost what it knew of the producer', () => {
  test.each([OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID])(
    'and answers %i for every partition is written to again, by all of them',
    async (errorCode) => {
      const world = new World({ topics: [{ name: 't', partitions: 5 }] })
      const producer = world.producer()
      const sendToAll = (value: string): Promise<unknown> =>
        world.until(Promise.all([0, 1, 2, 3, 4].map((partition) => producer.send({ topic: 't', partition, value }))))
      await sendToAll('0')
      let hasForgotten = true
      world.onRequest(produce, (request) => (hasForgotten ? refuseProduce(request, errorCode) : undefined))
      const sent = sendToAll('1')
      await world.pass(1000)
      hasForgotten = false
      await sent
      for (const value of ['2', '3']) await sendToAll(value)
      for (const partition of [0, 1, 2, 3, 4]) expect(world.valuesIn('t', partition)).toEqual(['0', '1', '2', '3'])
    },
  )
})

describe('platformatic #318, fault 58: a broker that hangs in InitProducerId', () => {
  test('is left for another', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer({
      bootstrapServers: ['broker-1:9092', 'broker-2:9092'],
      requestTimeoutMs: 1000,
    })
    world.onRequest(initProducerId, (_request, ordinal) => (ordinal === 1 ? { kind: 'hang' } : undefined))
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ offset: 0 })
    expect(world.nowMs).toBeLessThan(3000)
  })
})

describe('platformatic #351: a connection that fails', () => {
  test('while the producer closes throws nothing into the process', async () => {
    const world = new World()
    const uncaught: unknown[] = []
    world.timeline.onUncaught = (error) => void uncaught.push(error)
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const sent = world.watch(producer.send({ topic: 't', value: '1' }))
    await world.pass(10)
    const closed = world.watch(producer.close({ timeoutMs: 50 }))
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    world.host(1).reset()
    await world.pass(5000)
    expect(closed().state).toBe('fulfilled')
    expect(sent()).toMatchObject({ state: 'rejected', error: { outcome: 'unknown' } })
    expect(uncaught).toEqual([])
  })
})

describe('kafkajs #598, #353: idempotence and many sends at once', () => {
  test('go together: no sequence is ever out of order', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ batchSize: 500 })
    const sent: Promise<RecordMetadata>[] = []
    for (let i = 0; i < 300; i++) {
      sent.push(producer.send({ topic: 't', partition: i % 3, value: `${i}`.padEnd(50) }))
      if (i % 20 === 0) await world.pass(1)
    }
    await world.until(Promise.all(sent))
    expect(world.wire.of(initProducerId)).toHaveLength(1)
    for (const partition of [0, 1, 2]) {
      const numbers = world.valuesIn('t', partition).map(Number)
      expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => 3 * i + partition))
      const written = world.wire.batches.filter((batch) => batch.partition === partition)
      expect(written, 'each batch was sent once').toHaveLength(world.batchesIn('t', partition).length)
    }
  })
})

describe('kafkajs #918, fault 8: a network that swallows everything for a while', () => {
  test('is survived: what was sent meanwhile is written when it is back', async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 5000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    let isDead = true
    world.host(1).faultFor = () => (isDead ? { kind: 'hang' } : undefined)
    world.network.listen({ host: 'broker-1', port: 9092 }, 'silent')
    const sent = ['1', '2'].map((value) => producer.send({ topic: 't', value }))
    await world.pass(40_000)
    isDead = false
    world.network.listen({ host: 'broker-1', port: 9092 }, world.host(1).accept)
    const startMs = world.nowMs
    await world.until(Promise.all(sent))
    expect(world.nowMs - startMs, 'not later than a setup that had begun').toBeLessThan(31_500)
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })
})

describe('kafkajs #180: acks 0', () => {
  test('settles every promise', async () => {
    const world = new World()
    const producer = world.producer({ acks: 0 })
    const sent = Array.from({ length: 50 }, (_, i) => producer.send({ topic: 't', value: `${i}` }))
    expect(await world.until(Promise.all(sent))).toHaveLength(50)
  })
})

describe('node-rdkafka #500: a record that is sent before there is a connection', () => {
  test('is settled when it is written, and not before', async () => {
    const world = new World()
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    const producer = world.producer()
    const settled: string[] = []
    producer.produce({ topic: 't', value: 'early' }, (error) => settled.push(error?.code ?? 'written'))
    await world.pass(20_000)
    expect(settled).toEqual([])
    world.network.listen({ host: 'broker-1', port: 9092 }, world.host(1).accept)
    await world.untilTrue(() => settled.length > 0)
    expect(settled).toEqual(['written'])
    expect(world.valuesIn('t')).toEqual(['early'])
  })
})

describe('KAFKA-19012, CVE-2026-35554, fault 67: a batch that expires while its request is being written', () => {
  test('keeps its buffer from every other topic until the socket has let go', async () => {
    const world = new World({ topics: ['a', 'b'].map((name) => ({ name, partitions: 1 })) })
    const producer = world.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 1000 })
    await world.until(Promise.all(['a', 'b'].map((topic) => producer.send({ topic, value: topic }))))
    world.network.timing.leaveMs = 1500
    world.network.timing.closedMs = 3000
    expect(await world.failureOf(producer.send({ topic: 'a', value: 'a'.repeat(3000) }))).toMatchObject({
      outcome: 'unknown',
    })
    world.network.timing.leaveMs = 0
    for (let i = 0; i < 20; i++) await world.until(producer.send({ topic: 'b', value: 'b'.repeat(3000) }))
    await world.pass(5000)
    expect(world.network.violations).toEqual([])
    expect(world.valuesIn('a').filter((value) => /[^a]/.test(value))).toEqual([])
    expect(world.valuesIn('b').filter((value) => /[^b]/.test(value))).toEqual([])
  })
})

describe('librdkafka #4438, franz-go #1217: a batch that timed out at the broker and was given up', () => {
  test('may be there: what follows is not taken for it', async () => {
    const world = new World()
    const producer = world.producer({ retries: 1 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) =>
      ordinal <= 2 ? appendButAnswer(request, REQUEST_TIMED_OUT) : undefined,
    )
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({
      code: 'REQUEST_TIMED_OUT',
      outcome: 'unknown',
      fatal: false,
    })
    expect(await world.until(producer.send({ topic: 't', value: '2' }))).toMatchObject({ offset: 2 })
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })
})

describe('librdkafka #4953: a leader that moves after it has written, before it has answered', () => {
  test('leaves a batch that its successor knows again: nothing is doubled', async () => {
    const world = new World({ brokers: 2 })
    world.elect('t', 0, 1)
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    const sent = producer.send({ topic: 't', value: '1' })
    await world.untilTrue(() => world.valuesIn('t').length === 2)
    world.elect('t', 0, 2)
    expect(await world.until(sent)).toMatchObject({ offset: 1 })
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
    expect(new Set(world.wire.batches.map(({ batch }) => batch.producerEpoch)), 'under one epoch').toEqual(new Set([0]))
  })

  test('and moves on and on, ends with every record once, and with no epoch spent', async () => {
    const world = new World({ brokers: 2 })
    world.elect('t', 0, 1)
    const producer = world.producer({ metadataMaxAgeMs: 1000, batchSize: 300 })
    const outcomes: (() => Outcome<RecordMetadata>)[] = []
    for (let i = 0; i < 60; i++) {
      outcomes.push(world.watch(producer.send({ topic: 't', value: `${i}`.padEnd(100) })))
      if (i % 3 === 0) world.elect('t', 0, 1 + (i % 2))
      await world.pass(50)
    }
    await world.until(producer.flush())
    expect(outcomes.map((outcome) => outcome().state)).toEqual(outcomes.map(() => 'fulfilled'))
    expect(world.valuesIn('t').map(Number)).toEqual(outcomes.map((_, i) => i))
    expect(new Set(world.wire.batches.map(({ batch }) => batch.producerEpoch))).toEqual(new Set([0]))
    expect(world.wire.of(metadata).length, 'nor did it ask all the time').toBeLessThan(100)
  })
})

describe('Bufstream: an offset that nobody knows', () => {
  test('is undefined, never 0', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request) => appendButAnswer(request, 46))
    const { offset } = await world.until(producer.send({ topic: 't', value: '1' }))
    expect(offset).toBeUndefined()
  })
})
