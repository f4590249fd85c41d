import { codecFor, decodeResponseFrame, encodeResponseFrame, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { answerTo, appendButAnswer, type BrokerRequest, type Fault, refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_ENOUGH_REPLICAS = 19
const NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20
const KAFKA_STORAGE_ERROR = 56
const UNKNOWN_PRODUCER_ID = 59

describe('fault 44: a record that is larger than maxRequestSize', () => {
  test("is refused before anything is sent, with 'never', and takes no memory", async () => {
    const world = new World()
    const producer = world.producer({ maxRequestSize: 10_000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    const requests = world.wire.requests.length
    expect(await world.failureOf(producer.send({ topic: 't', value: 'v'.repeat(10_000) }))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      outcome: 'never',
      retriable: false,
    })
    expect(world.wire.requests).toHaveLength(requests)
    expect(await world.until(producer.send({ topic: 't', value: 'v'.repeat(9900) }))).toMatchObject({ offset: 1 })
  })
})

describe('fault 45: too few replicas in sync', () => {
  test('for minutes keep records waiting, and each is written once when there are enough', async () => {
    for (const fault of [
      (request: BrokerRequest): Fault => refuseProduce(request, NOT_ENOUGH_REPLICAS),
      (request: BrokerRequest): Fault => appendButAnswer(request, NOT_ENOUGH_REPLICAS_AFTER_APPEND),
    ]) {
      const world = new World()
      const producer = world.producer({ deliveryTimeoutMs: 600_000 })
      let isShort = true
      world.onRequest(produce, (request) => (isShort ? fault(request) : undefined))
      const sent = ['0', '1', '2'].map((value) => producer.send({ topic: 't', value }))
      await world.pass(180_000)
      isShort = false
      expect((await world.until(Promise.all(sent))).map(({ offset }) => offset)).toEqual([0, 1, 2])
      expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
    }
  })

  test.each([
    [NOT_ENOUGH_REPLICAS, 'NOT_ENOUGH_REPLICAS', 'never'],
    [NOT_ENOUGH_REPLICAS_AFTER_APPEND, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'unknown'],
  ])('until the end of deliveryTimeoutMs (%i) fail records, and the reason is told', async (code, name, outcome) => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 3000 })
    world.onRequest(produce, (request) => refuseProduce(request, code))
    const error = await world.failureOf(producer.send({ topic: 't', value: '0' }))
    expect(error.outcome).toBe(outcome)
    expect(`${error.code} ${error.message}`).toContain(name)
  })
})

describe('fault 46: a log directory that fails', () => {
  test('makes the producer look for another leader', async () => {
    const world = new World({ brokers: 2 })
    world.elect('t', 0, 1)
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request) => {
      if (request.nodeId !== 1) return undefined
      world.elect('t', 0, 2)
      return refuseProduce(request, KAFKA_STORAGE_ERROR)
    })
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(world.wire.batches.map(({ request }) => request.address.host)).toEqual(['broker-1', 'broker-1', 'broker-2'])
  })
})

/** The broker does not know the producer any more, and says where its log begins. */
function forgotten(request: BrokerRequest, logStartOffset: bigint): Fault {
  return answerTo(request, produce, ({ topicData }) => ({
    responses: topicData.map(({ name, topicId }) => ({
      name,
      topicId,
      partitionResponses: [{ index: 0, errorCode: UNKNOWN_PRODUCER_ID, baseOffset: -1n, logStartOffset }],
    })),
  }))
}

describe('fault 49, scenario 30: UNKNOWN_PRODUCER_ID', () => {
  test('after retention has deleted the records of a producer begins again in a new epoch', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? forgotten(request, 1n) : undefined))
    await world.until(producer.send({ topic: 't', value: '1' }))
    const stamps = world.wire.batches.map(({ batch }) => [batch.producerEpoch, batch.baseSequence])
    expect(stamps).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ])
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('from a broker that does not say where the log begins is asked again, if the batch may be written', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return { kind: 'close-after' }
      return ordinal === 2 ? forgotten(request, -1n) : undefined
    })
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(new Set(world.wire.batches.map(({ batch }) => batch.producerEpoch))).toEqual(new Set([0]))
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test("of a batch that may be written ends as 'unknown' where the log begins after it", async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return { kind: 'close-after' }
      return ordinal === 2 ? forgotten(request, 2n) : undefined
    })
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({ outcome: 'unknown' })
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })
})

describe('scenario 45: a broker that asks for a pause', () => {
  test('with its acknowledgement gets nothing until it is over, and records still expire', async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 2000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal > 1) return undefined
      const codec = codecFor(produce, request.header.apiVersion)
      return {
        kind: 'alter',
        alter: (frame) => {
          const { correlationId, response } = decodeResponseFrame(codec, frame.subarray(4))
          return encodeResponseFrame(codec, correlationId, { ...response, throttleTimeMs: 5000 })
        },
      }
    })
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    const startMs = world.nowMs
    expect(await world.failureOf(producer.send({ topic: 't', value: '2' }))).toMatchObject({
      code: 'DELIVERY_TIMEOUT',
      outcome: 'never',
    })
    expect(world.nowMs - startMs).toBe(2000)
    await world.pass(2500)
    await world.until(producer.send({ topic: 't', value: '3' }))
    expect(world.nowMs - startMs).toBeGreaterThanOrEqual(4999)
    expect(world.valuesIn('t')).toEqual(['0', '1', '3'])
  })
})

describe('an old broker', () => {
  test('that speaks no Produce version of ours fails the record, with what it would need', async () => {
    const world = new World()
    world.host(1).versions = { Produce: [0, 2] }
    const error = await world.failureOf(world.producer().send({ topic: 't', value: 'v' }))
    expect(error).toMatchObject({ code: 'UNSUPPORTED_VERSION', outcome: 'never', fatal: false })
    expect(error.message).toContain('2.1')
  })

  test('that a leader is replaced by leaves what may be written unknown, and the next epoch to those that follow', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => {
      if (ordinal > 1) return undefined
      world.host(1).versions = { Produce: [0, 2] }
      return { kind: 'close-after' }
    })
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({
      code: 'UNSUPPORTED_VERSION',
      outcome: 'unknown',
    })
    world.host(1).versions = {}
    world.host(1).reset()
    await world.pass(10)
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
    expect(world.wire.batches.at(-1)?.batch).toMatchObject({ producerEpoch: 1, baseSequence: 0 })
  })
})
