import { produce, readRecordBatches } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { answerTo, appendButAnswer, refuseProduce, type Fault } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

describe('a retry', () => {
  test.each([
    ['the connection ends before the broker has worked', (): Fault => ({ kind: 'close-before' })],
    ['the connection ends before the answer', (): Fault => ({ kind: 'close-after' })],
  ])('has the same bytes and writes once: %s', async (_name, fault) => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? fault() : undefined))
    const sent = ['0', '1', '2'].map((value) => producer.send({ topic: 't', value }))
    const metadata = await world.until(Promise.all(sent))
    expect(metadata.map(({ offset }) => offset)).toEqual([0, 1, 2])
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
    const [first, second] = world.wire.batches
    expect(second?.bytes).toEqual(first?.bytes)
    expect(second?.batch.baseSequence).toBe(0)
    expect(world.wire.batches).toHaveLength(2)
  })

  test('of a batch that is in the log leaves every record its own timestamp', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    const timestamps = [1_000, 3_000, 2_000]
    const sent = timestamps.map((timestamp) => producer.send({ topic: 't', value: 'v', timestamp }))
    const metadata = await world.until(Promise.all(sent))
    expect(metadata.map(({ timestamp }) => timestamp)).toEqual(timestamps)
    expect(metadata.map(({ offset }) => offset)).toEqual([0, 1, 2])
  })

  test.each([2, 3, 5, 6, 7, 13, 19, 20, 56, 75])('follows error %i, after a pause', async (errorCode) => {
    const world = new World()
    const producer = world.producer({ retryBackoffMs: 200 })
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, errorCode) : undefined))
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ offset: 0 })
    const [first, second] = world.wire.batches
    const pauseMs = (second?.request.atMs ?? 0) - (first?.request.atMs ?? 0)
    expect(pauseMs).toBeGreaterThanOrEqual(160)
    expect(pauseMs).toBeLessThan(260)
    expect(second?.bytes).toEqual(first?.bytes)
  })

  test('waits longer each time, up to retryBackoffMaxMs', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (request, ordinal) => (ordinal <= 8 ? refuseProduce(request, 19) : undefined))
    await world.until(producer.send({ topic: 't', value: 'v' }))
    const times = world.wire.batches.map(({ request }) => request.atMs)
    const pauses = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0) - 2)
    for (const [i, pauseMs] of pauses.entries()) {
      const plainMs = Math.min(1000, 100 * 2 ** i)
      expect(pauseMs).toBeGreaterThanOrEqual(plainMs * 0.8)
      expect(pauseMs).toBeLessThanOrEqual(plainMs * 1.2 + 1)
    }
  })

  test('of one partition does not hold back the others', async () => {
    const world = new World({
      topics: [
        { name: 'a', partitions: 1 },
        { name: 'b', partitions: 1 },
      ],
    })
    const producer = world.producer({ retryBackoffMs: 1000 })
    await world.until(Promise.all(['a', 'b'].map((topic) => producer.send({ topic, value: '0' }))))
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, 19) : undefined))
    const held = world.watch(producer.send({ topic: 'a', value: '1' }))
    await world.pass(10)
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 'b', value: '1' }))
    expect(world.nowMs - startMs).toBeLessThan(10)
    expect(held().state).toBe('pending')
  })

  test('goes before what came later', async () => {
    const world = new World()
    const producer = world.producer({ batchSize: 600 })
    world.onRequest(produce, (request, ordinal) => (ordinal <= 2 ? refuseProduce(request, 19) : undefined))
    const values = Array.from({ length: 6 }, (_, i) => `${i}`.padEnd(400))
    await world.until(Promise.all(values.map((value) => producer.send({ topic: 't', value }))))
    expect(world.valuesIn('t')).toEqual(values)
    expect(world.wire.violations).toEqual([])
  })

  test('is made `retries` times, and what follows the lost batch has a new epoch', async () => {
    const world = new World()
    const producer = world.producer({ retries: 2 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal <= 3 ? { kind: 'close-after' } : undefined))
    const error = await world.failureOf(producer.send({ topic: 't', value: '1' }))
    expect(error).toMatchObject({ code: 'NETWORK_EXCEPTION', outcome: 'unknown', retriable: true })
    expect(error.message).toContain('3 attempts')
    expect(world.wire.batches).toHaveLength(4)
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.wire.batches.at(-1)?.batch).toMatchObject({ producerEpoch: 1, baseSequence: 0 })
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })

  test('is not made when retries is 0, and the outcome says what is known', async () => {
    for (const [errorCode, outcome] of [
      [19, 'never'],
      [6, 'unknown'],
      [7, 'unknown'],
      [4711, 'unknown'],
    ] as const) {
      const world = new World()
      const producer = world.producer({ retries: 0 })
      world.onRequest(produce, (request) => refuseProduce(request, errorCode))
      expect(await world.failureOf(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ outcome })
      expect(world.wire.batches).toHaveLength(1)
    }
  })
})

describe('a refusal', () => {
  test.each([
    [10, 'MESSAGE_TOO_LARGE', 'never'],
    [17, 'INVALID_TOPIC_EXCEPTION', 'never'],
    [29, 'TOPIC_AUTHORIZATION_FAILED', 'never'],
    [32, 'INVALID_TIMESTAMP', 'never'],
    [87, 'INVALID_RECORD', 'never'],
    [-1, 'UNKNOWN_SERVER_ERROR', 'unknown'],
  ])('with %i fails the batch as %s, and the next one is written', async (errorCode, code, outcome) => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, errorCode) : undefined))
    const error = await world.failureOf(producer.send({ topic: 't', value: '1' }))
    expect(error).toMatchObject({ code, outcome, fatal: false })
    expect(error.message).toMatch(/^t-0: 1 record, 1 attempt in 2 ms: /)
    expect(await world.until(producer.send({ topic: 't', value: '2' }))).toMatchObject({ offset: 1 })
    const identities = world.wire.batches.map(({ batch }) => [batch.producerEpoch, batch.baseSequence])
    const next = outcome === 'never' ? [0, 1] : [1, 0]
    expect(identities, 'sequences that surely were not written are used again').toEqual([[0, 0], [0, 1], next])
  })

  test('after an attempt that may be written is unknown', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return { kind: 'close-after' }
      return ordinal === 2 ? refuseProduce(request, 29) : undefined
    })
    expect(await world.failureOf(producer.send({ topic: 't', value: '0' }))).toMatchObject({
      code: 'TOPIC_AUTHORIZATION_FAILED',
      outcome: 'unknown',
    })
    expect(world.valuesIn('t'), 'and it was').toEqual(['0'])
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(world.wire.batches.at(-1)?.batch, 'under a new epoch').toMatchObject({ producerEpoch: 1, baseSequence: 0 })
  })

  test('that is fatal fails everything, and every later call, with the same code', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request) => refuseProduce(request, 31))
    const sent = ['1', '2'].map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.pass(100)
    for (const outcome of sent) {
      expect(outcome()).toMatchObject({
        state: 'rejected',
        error: { code: 'CLUSTER_AUTHORIZATION_FAILED', fatal: true },
      })
    }
    expect(await world.failureOf(producer.send({ topic: 't', value: '3' }))).toMatchObject({
      fatal: true,
      outcome: 'never',
    })
    expect(() => producer.produce({ topic: 't', value: '4' })).toThrow('authorization')
    await world.until(producer.close())
    expect(world.network.openSockets).toEqual([])
  })
})

describe('sequences', () => {
  const sequences = (world: World): (number | bigint)[][] =>
    world.wire.batches.map(({ batch }) => [batch.producerId, batch.producerEpoch, batch.baseSequence])

  test('count the records of a partition, from 0 in each', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer()
    for (const count of [1, 3, 2]) {
      const values = Array.from({ length: count }, (_, i) => `${i}`)
      await world.until(Promise.all(values.map((value) => producer.send({ topic: 't', partition: 0, value }))))
    }
    await world.until(producer.send({ topic: 't', partition: 1, value: 'v' }))
    expect(sequences(world)).toEqual([
      [0n, 0, 0],
      [0n, 0, 1],
      [0n, 0, 4],
      [0n, 0, 0],
    ])
  })

  test.each([45, 47, 59])(
    'that the broker lost (%i) start again under a new identity, and nothing is lost or doubled',
    async (errorCode) => {
      const world = new World({ topics: [{ name: 't', partitions: 2 }] })
      const producer = world.producer()
      const send = (partition: number, value: string): Promise<unknown> =>
        producer.send({ topic: 't', partition, value })
      await world.until(Promise.all([send(0, '0'), send(1, '0')]))
      world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, errorCode) : undefined))
      await world.until(send(0, '1'))
      await world.until(Promise.all([send(0, '2'), send(1, '1')]))
      expect(world.valuesIn('t', 0)).toEqual(['0', '1', '2'])
      expect(world.valuesIn('t', 1)).toEqual(['0', '1'])
    },
  )

  test('a duplicate is a success without an offset', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (request) => appendButAnswer(request, 46))
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({
      partition: 0,
      offset: undefined,
    })
  })

  test('without idempotence there are none', async () => {
    const world = new World()
    const producer = world.producer({ enableIdempotence: false })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    expect(sequences(world)).toEqual([[-1n, -1, -1]])
  })
})

describe('acks', () => {
  test.each([
    ['all', -1],
    [-1, -1],
    [1, 1],
  ] as const)('%s goes on the wire as %i', async (acks, wire) => {
    const world = new World()
    await world.until(world.producer({ acks }).send({ topic: 't', value: 'v' }))
    expect(world.wire.batches.map((batch) => batch.acks)).toEqual([wire])
  })

  test('0 settles when the bytes have left, without an offset, and many follow each other', async () => {
    const world = new World()
    const producer = world.producer({ acks: 0 })
    const first = await world.until(producer.send({ topic: 't', value: '0' }))
    expect(first).toMatchObject({ partition: 0, offset: undefined })
    for (let i = 1; i < 30; i++) await world.until(producer.send({ topic: 't', value: `${i}` }))
    await world.pass(10)
    expect(world.valuesIn('t').map(Number)).toEqual(Array.from({ length: 30 }, (_, i) => i))
  })

  test('0 is never sent again once bytes were handed over', async () => {
    const world = new World()
    const producer = world.producer({ acks: 0 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.network.timing.leaveMs = 50
    const failed = world.failureOf(producer.send({ topic: 't', value: '1' }))
    await world.pass(10)
    world.host(1).reset()
    expect(await failed).toMatchObject({ outcome: 'unknown' })
    await world.pass(5000)
    expect(world.wire.batches).toHaveLength(2)
  })
})

test('a broker that asks for a pause gets nothing until it is over', async () => {
  const world = new World()
  const producer = world.producer()
  await world.until(producer.send({ topic: 't', value: '0' }))
  world.onRequest(produce, (request, ordinal) =>
    ordinal === 1
      ? answerTo(request, produce, ({ topicData }) => ({
          throttleTimeMs: 2000,
          responses: topicData.map(({ name, topicId }) => ({
            name,
            topicId,
            partitionResponses: [{ index: 0, errorCode: 29, baseOffset: -1n }],
          })),
        }))
      : undefined,
  )
  await world.failureOf(producer.send({ topic: 't', value: 'refused' }))
  const startMs = world.nowMs
  await world.until(producer.send({ topic: 't', value: '1' }))
  expect((world.wire.batches.at(-1)?.request.atMs ?? 0) - startMs).toBe(2000)
})

test('a record keeps its timestamp, or gets the time of its call', async () => {
  const world = new World({
    topics: [
      { name: 't', partitions: 1 },
      { name: 'broker-time', partitions: 1, config: { 'message.timestamp.type': 'LogAppendTime' } },
    ],
  })
  const producer = world.producer()
  await world.pass(7)
  const sent = [
    producer.send({ topic: 't', value: 'now' }),
    producer.send({ topic: 't', value: 'then', timestamp: 1_700_000_000_000 }),
    producer.send({ topic: 'broker-time', value: 'v', timestamp: 1 }),
  ]
  const [now, then, broker] = await world.until(Promise.all(sent))
  expect([now?.timestamp, then?.timestamp]).toEqual([1_767_225_600_007, 1_700_000_000_000])
  expect(broker?.timestamp).toBeGreaterThan(1_767_225_600_007)
  expect(world.recordsIn('t').map(({ timestamp }) => timestamp)).toEqual([1_767_225_600_007n, 1_700_000_000_000n])
  expect(readRecordBatches(world.wire.batches[0]?.bytes ?? new Uint8Array())).toHaveLength(1)
})
