import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { alterAnswer } from '../network/altered-answer.ts'
import { type BrokerRequest, type Fault, refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const UNKNOWN_TOPIC_OR_PARTITION = 3
const TOPIC_AUTHORIZATION_FAILED = 29

/** Metadata says this of the topic, and has no partitions of it. */
function sayOf(request: BrokerRequest, topicName: string, errorCode: number): Fault {
  return alterAnswer(request, metadata, ({ topics }) => {
    for (const topic of topics) if (topic.name === topicName) Object.assign(topic, { errorCode, partitions: [] })
  })
}

describe('fault 38: a topic that brokers do not know for a while', () => {
  test('keeps its sequences: what is sent afterwards is not taken for what was sent before', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 1000 })
    for (let i = 0; i < 5; i++) await world.until(producer.send({ topic: 't', value: `${i}` }))
    const fromMs = world.nowMs
    const isUnknown = (): boolean => world.nowMs < fromMs + 5000
    world.onRequest(metadata, (request) => (isUnknown() ? sayOf(request, 't', UNKNOWN_TOPIC_OR_PARTITION) : undefined))
    world.onRequest(produce, (request) =>
      isUnknown() ? refuseProduce(request, UNKNOWN_TOPIC_OR_PARTITION) : undefined,
    )
    await world.pass(1500)
    const sent = [5, 6, 7, 8, 9].map((i) => producer.send({ topic: 't', value: `${i}` }))
    await world.until(Promise.all(sent))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    const [last] = world.wire.batches.slice(-1)
    expect(last?.batch).toMatchObject({ producerEpoch: 0, baseSequence: 5 })
  })

  test('is sent to meanwhile as before, if it is only metadata that does not know it', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 500 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(metadata, (request) => sayOf(request, 't', UNKNOWN_TOPIC_OR_PARTITION))
    await world.pass(2000)
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs).toBeLessThan(10)
  })
})

describe('fault 39: a topic that is deleted for good', () => {
  test('fails its records when their time is over, and gives their memory back', async () => {
    const world = new World()
    const producer = world.producer({ deliveryTimeoutMs: 5000, requestTimeoutMs: 1000, bufferMemory: 1_200_000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    const topic = world.cluster.topicNamed('t')
    if (topic !== undefined) world.cluster.deleteTopic(topic)
    const startMs = world.nowMs
    const lost = await world.failureOf(producer.send({ topic: 't', value: 'x'.repeat(900_000) }))
    expect(lost.retriable).toBe(true)
    expect(world.nowMs - startMs).toBeLessThanOrEqual(5000)
    world.cluster.createTopic({ name: 'other', partitions: 1 })
    await world.until(producer.send({ topic: 'other', value: 'x'.repeat(900_000) }))
  })
})

describe('fault 40: a topic that is made anew', () => {
  test('begins with sequence 0, in the new log', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 500 })
    for (let i = 0; i < 3; i++) await world.until(producer.send({ topic: 't', value: `${i}` }))
    world.cluster.recreateTopic('t', 1)
    await world.pass(1000)
    expect(await world.until(producer.send({ topic: 't', value: 'new' }))).toMatchObject({ offset: 0 })
    expect(world.valuesIn('t')).toEqual(['new'])
    expect(world.wire.batches.at(-1)?.batch.baseSequence).toBe(0)
  })

  test.each([13, 12])('while records flow, settles each truthfully, with Produce version %i', async (newest) => {
    const world = new World()
    world.host(1).versions = { Produce: [0, newest] }
    const producer = world.producer({ metadataMaxAgeMs: 3000 })
    const outcomes: (() => { readonly state: string })[] = []
    let isRecreated = false
    for (let i = 0; i < 300; i++) {
      outcomes.push(world.watch(producer.send({ topic: 't', value: `${i}` })))
      await world.pass(7)
      if (!isRecreated && i === 100) {
        world.cluster.recreateTopic('t', 1)
        isRecreated = true
      }
    }
    await world.until(producer.close())
    const values = world.valuesIn('t').map(Number)
    expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b))
    expect(outcomes.map((outcome) => outcome().state)).not.toContain('pending')
    // Everything acknowledged after the old log was gone is in the new one.
    const [first = Infinity] = values
    expect(first).toBeLessThanOrEqual(103)
    for (let i = first; i < 300; i++) if (outcomes[i]?.().state === 'fulfilled') expect(values).toContain(i)
  })

  test.each([13, 9])(
    'with fewer partitions is not sent to where there is none, and what waited there fails in time; Metadata version %i',
    async (newest) => {
      const world = new World({ topics: [{ name: 't', partitions: 8 }] })
      world.host(1).versions = { Metadata: [0, newest] }
      const producer = world.producer({ metadataMaxAgeMs: 500, deliveryTimeoutMs: 4000, requestTimeoutMs: 1000 })
      await world.until(
        producer.sendAll(Array.from({ length: 8 }, (_, partition) => ({ topic: 't', partition, value: '0' }))),
      )
      world.cluster.recreateTopic('t', 2)
      const startMs = world.nowMs
      const waiting = world.watch(producer.send({ topic: 't', partition: 7, value: '1' }))
      await world.pass(1000)
      expect(await world.until(producer.partitionsFor('t'))).toHaveLength(2)
      for (let i = 0; i < 30; i++) {
        expect((await world.until(producer.send({ topic: 't', value: `${i}` }))).partition).toBeLessThan(2)
      }
      expect(await world.failureOf(producer.send({ topic: 't', partition: 7, value: '2' }))).toMatchObject({
        outcome: 'never',
      })
      await world.untilTrue(() => waiting().state === 'rejected')
      expect(world.nowMs - startMs).toBeLessThanOrEqual(4000)
      await world.until(producer.close())
    },
  )

  test.each([13, 9])(
    'with fewer partitions and then more sends what waited meanwhile, before what comes later; Metadata version %i',
    async (newest) => {
      const world = new World({ topics: [{ name: 't', partitions: 8 }] })
      world.host(1).versions = { Metadata: [0, newest] }
      const producer = world.producer({ metadataMaxAgeMs: 500, deliveryTimeoutMs: 60_000, requestTimeoutMs: 1000 })
      await world.until(producer.send({ topic: 't', partition: 7, value: 'in the old log' }))
      world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-before' } : undefined))
      const early = ['first', 'second'].map((value) => world.watch(producer.send({ topic: 't', partition: 7, value })))
      world.cluster.recreateTopic('t', 2)
      await world.pass(1000)
      expect(await world.until(producer.partitionsFor('t'))).toHaveLength(2)
      world.cluster.addPartitions('t', 8)
      await world.pass(1000)
      const late = producer.send({ topic: 't', partition: 7, value: 'third' })
      expect(await world.until(late)).toMatchObject({ offset: 2 })
      expect(early.map((outcome) => outcome().state)).toEqual(['fulfilled', 'fulfilled'])
      expect(world.valuesIn('t', 7)).toEqual(['first', 'second', 'third'])
      await world.until(producer.close())
    },
  )

  test('with fewer partitions has its sticky batch elsewhere', async () => {
    const world = new World({ seed: 3, topics: [{ name: 't', partitions: 100 }] })
    const producer = world.producer({ metadataMaxAgeMs: 500, lingerMs: 2000, deliveryTimeoutMs: 60_000 })
    await world.until(producer.partitionsFor('t'))
    const lost = world.watch(producer.send({ topic: 't', value: 'in a partition that goes' }))
    world.cluster.recreateTopic('t', 1)
    await world.pass(1000)
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ partition: 0 })
    await world.until(producer.close())
    expect(lost()).toMatchObject({ state: 'rejected', error: { outcome: 'never' } })
  })

  test('with fewer partitions has records without one, and flush() waits for them too', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 8 }] })
    const config = { metadataMaxAgeMs: 500, deliveryTimeoutMs: 4000, requestTimeoutMs: 1000, retryBackoffMs: 300 }
    const producer = world.producer(config)
    await world.until(producer.send({ topic: 't', partition: 7, value: 'arrives' }))
    world.cluster.recreateTopic('t', 2)
    const refused = world.watch(producer.send({ topic: 't', partition: 7, value: 'goes once and is refused' }))
    await world.pass(1)
    const waiting = world.watch(producer.send({ topic: 't', partition: 7, value: 'waits behind it' }))
    await world.untilTrue(() => refused().state === 'rejected')
    expect(waiting().state).toBe('pending')
    expect(await world.until(producer.flush())).toBe(0)
    expect(waiting().state).toBe('rejected')
    await world.until(producer.close())
  })

  test.each([8, 9])(
    'is found where brokers know no topic ids, although its leader epochs are lower; Metadata version %i',
    async (newest) => {
      const world = new World({ brokers: 2 })
      for (const host of world.hosts) host.versions = { Metadata: [0, newest], Produce: [0, 12] }
      const producer = world.producer({ metadataMaxAgeMs: 500, deliveryTimeoutMs: 4000, requestTimeoutMs: 1000 })
      for (const leaderId of [2, 1, 2]) {
        world.elect('t', 0, leaderId)
        await world.until(producer.send({ topic: 't', value: 'before' }))
      }
      world.cluster.recreateTopic('t', 1)
      expect(world.partition('t', 0)).toMatchObject({ leaderId: 1, leaderEpoch: 0 })
      await world.pass(1000)
      expect(await world.until(producer.send({ topic: 't', value: 'after' }))).toMatchObject({ offset: 0 })
      await world.until(producer.close())
    },
  )

  test('with more partitions is sent to all of them', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 500, partitioner: 'round-robin' })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.cluster.recreateTopic('t', 4)
    await world.pass(1000)
    for (let i = 0; i < 8; i++) await world.until(producer.send({ topic: 't', value: `${i}` }))
    expect([0, 1, 2, 3].map((partition) => world.valuesIn('t', partition).length)).toEqual([2, 2, 2, 2])
  })
})

describe('fault 41: a topic that is not there yet', () => {
  test.each([1000, 10_000])('and is made %i ms later gets the records that waited, in order', async (delayMs) => {
    const world = new World({ topics: [] })
    const producer = world.producer()
    const values = Array.from({ length: 20 }, (_, i) => `${i}`)
    const sent = values.map((value) => producer.send({ topic: 'late', value }))
    world.timeline.after(delayMs, () => world.cluster.createTopic({ name: 'late', partitions: 1 }))
    await world.until(Promise.all(sent))
    expect(world.nowMs).toBeLessThan(delayMs + 1300)
    expect(world.valuesIn('late')).toEqual(values)
  })
})

describe('fault 42: partitions that are added', () => {
  test('are used after metadataMaxAgeMs, and keys keep their order', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 8 }] })
    const producer = world.producer({ metadataMaxAgeMs: 2000, batchSize: 300 })
    const sent: Promise<unknown>[] = []
    for (let i = 0; i < 1000; i++) {
      sent.push(producer.send({ topic: 't', key: `key-${i % 200}`, value: `${i}` }))
      if (i % 10 === 0) await world.pass(50)
      if (i === 300) world.cluster.addPartitions('t', 64)
    }
    await world.until(Promise.all(sent))
    const places = Array.from({ length: 64 }, (_, partition) => world.recordsIn('t', partition))
    const numbers = places.map((records) => records.map(({ value }) => Number(Buffer.from(value ?? []).toString())))
    for (const inPartition of numbers) expect(inPartition).toEqual(inPartition.toSorted((a, b) => a - b))
    expect(numbers.flat()).toHaveLength(1000)
    expect(numbers.slice(8).filter((inPartition) => inPartition.length > 0).length).toBeGreaterThan(30)
  })

  test('are found by partitionsFor and by records that name them', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 1000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.cluster.addPartitions('t', 5)
    const sent = world.watch(producer.send({ topic: 't', partition: 4, value: '1' }))
    await world.pass(1500)
    expect(sent().state).toBe('fulfilled')
    expect(await world.until(producer.partitionsFor('t'))).toHaveLength(5)
  })

  test('are not given up for the answer of a broker that does not know them yet', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 4 }] })
    const producer = world.producer({ metadataMaxAgeMs: 1000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, ({ topics }) => {
        for (const topic of topics) topic.partitions.splice(2)
      }),
    )
    await world.pass(3000)
    expect(await world.until(producer.send({ topic: 't', partition: 3, value: '1' }))).toMatchObject({ partition: 3 })
  })
})

describe('fault 60: rights on a topic that are taken away and given back', () => {
  test('fail only its records, for only as long', async () => {
    const world = new World({
      topics: [
        { name: 'open', partitions: 1 },
        { name: 'secret', partitions: 1 },
      ],
    })
    const producer = world.producer({ metadataMaxAgeMs: 500 })
    const send = (topic: string): Promise<unknown> => producer.send({ topic, value: 'v' })
    await world.until(Promise.all([send('open'), send('secret')]))
    let isForbidden = true
    world.onRequest(metadata, (request) =>
      isForbidden ? sayOf(request, 'secret', TOPIC_AUTHORIZATION_FAILED) : undefined,
    )
    world.onRequest(produce, (request) =>
      isForbidden
        ? alterAnswer(request, produce, ({ responses }) => {
            for (const { topicId, partitionResponses } of responses) {
              if (topicId !== world.cluster.topicNamed('secret')?.id) continue
              for (const partition of partitionResponses)
                Object.assign(partition, { errorCode: TOPIC_AUTHORIZATION_FAILED, baseOffset: -1n })
            }
          })
        : undefined,
    )
    for (let round = 0; round < 3; round++) {
      const [open, secret] = [world.watch(send('open')), world.watch(send('secret'))]
      await world.pass(700)
      expect(open().state).toBe('fulfilled')
      expect(secret()).toMatchObject({
        state: 'rejected',
        error: { code: 'TOPIC_AUTHORIZATION_FAILED', fatal: false },
      })
    }
    isForbidden = false
    await world.until(Promise.all([send('open'), send('secret')]))
  })

  test('that were never there fail a record at once, and once given let the next one in', async () => {
    const world = new World()
    let isForbidden = true
    world.onRequest(metadata, (request) => (isForbidden ? sayOf(request, 't', TOPIC_AUTHORIZATION_FAILED) : undefined))
    const producer = world.producer()
    for (let i = 0; i < 3; i++) {
      const startMs = world.nowMs
      expect(await world.failureOf(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ outcome: 'never' })
      expect(world.nowMs - startMs).toBeLessThan(50)
    }
    isForbidden = false
    await world.until(producer.send({ topic: 't', value: 'v' }))
  })
})
