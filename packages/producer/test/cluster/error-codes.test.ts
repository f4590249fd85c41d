import { apiVersions, errorFor, initProducerId, metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { alterAnswer } from '../network/altered-answer.ts'
import { answerTo } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

/** Every code of Kafka 4.3.1, and one that a later Kafka may have. */
const CODES = [...Array.from({ length: 135 }, (_, i) => i - 1), 200]
const FAILURES = CODES.filter((code) => code !== 0)

/** @source Kafka: the subclasses of RetriableException */
const RETRIABLE = new Set([
  2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122,
  123, 133,
])

/** What no waiting mends. */
const TOPIC_IS_REFUSED = new Set([17, 29])

describe('fault 30: every error code of a topic in Metadata', () => {
  test.each(CODES)('%i', async (code) => {
    const world = new World()
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, ({ topics }) => {
        for (const topic of topics) if (code !== 0) Object.assign(topic, { errorCode: code, partitions: [] })
      }),
    )
    const producer = world.producer({ maxBlockMs: 3000 })
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.untilTrue(() => sent().state !== 'pending')
    if (code === 0) {
      expect(sent()).toMatchObject({ state: 'fulfilled', value: { offset: 0 } })
    } else if (TOPIC_IS_REFUSED.has(code)) {
      expect(world.nowMs).toBeLessThan(100)
      expect(sent()).toMatchObject({ error: { code: errorFor(code).name, outcome: 'never', retriable: false } })
    } else {
      expect(world.nowMs).toBe(3000)
      const expected = code === 3 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'METADATA_TIMEOUT'
      expect(sent()).toMatchObject({ error: { code: expected, outcome: 'never', retriable: true } })
      const outcome = sent()
      const message = outcome.state === 'rejected' ? String(outcome.error) : ''
      expect(message).toContain(code === 3 ? 'does not exist' : `the brokers say ${errorFor(code).name}`)
    }
  })

  test.each(FAILURES.filter((code) => !TOPIC_IS_REFUSED.has(code)))('%i that passes is waited out', async (code) => {
    const world = new World()
    world.onRequest(metadata, (request, ordinal) =>
      ordinal > 3
        ? undefined
        : alterAnswer(request, metadata, ({ topics }) => {
            for (const topic of topics) Object.assign(topic, { errorCode: code, partitions: [] })
          }),
    )
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.nowMs).toBeLessThan(2000)
    expect(world.valuesIn('t')).toEqual(['v'])
  })
})

describe('fault 30: every error code of a partition in Metadata', () => {
  test.each(FAILURES)('%i with a leader: the leader counts', async (code) => {
    const world = new World()
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, ({ topics }) => {
        for (const { partitions } of topics) for (const partition of partitions) partition.errorCode = code
      }),
    )
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.nowMs).toBeLessThan(100)
  })

  test.each(FAILURES)('%i without a leader: the record waits for one', async (code) => {
    const world = new World()
    world.onRequest(metadata, (request, ordinal) =>
      ordinal > 3
        ? undefined
        : alterAnswer(request, metadata, ({ topics }) => {
            for (const { partitions } of topics)
              for (const partition of partitions) Object.assign(partition, { errorCode: code, leaderId: -1 })
          }),
    )
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.nowMs).toBeGreaterThan(200)
    expect(world.nowMs).toBeLessThan(2000)
  })
})

describe('fault 30: every error code of a whole Metadata answer', () => {
  test.each(FAILURES)('%i: what it says is not taken, and another broker is asked after a back-off', async (code) => {
    const world = new World()
    world.onRequest(metadata, (request, ordinal) =>
      ordinal > 3 ? undefined : alterAnswer(request, metadata, (response) => (response.errorCode = code)),
    )
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.wire.of(metadata).length).toBeGreaterThanOrEqual(4)
    expect(world.nowMs).toBeGreaterThan(500)
    expect(world.nowMs).toBeLessThan(2000)
  })
})

describe('fault 30: every error code of InitProducerId', () => {
  test.each(FAILURES)('%i', async (code) => {
    const world = new World()
    world.onRequest(initProducerId, (request, ordinal) =>
      ordinal > 3 ? undefined : answerTo(request, initProducerId, () => ({ errorCode: code, producerEpoch: -1 })),
    )
    const producer = world.producer()
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.untilTrue(() => sent().state !== 'pending')
    if (RETRIABLE.has(code)) {
      expect(sent()).toMatchObject({ state: 'fulfilled', value: { offset: 0 } })
      expect(world.nowMs).toBeLessThan(2000)
    } else {
      const { name } = errorFor(code)
      expect(sent()).toMatchObject({ error: { code: name, outcome: 'never', fatal: true } })
      expect(await world.failureOf(producer.send({ topic: 't', value: 'w' }))).toMatchObject({
        code: name,
        fatal: true,
      })
      await world.until(producer.close())
      expect(world.network.openSockets).toEqual([])
    }
  })
})

describe('fault 25, fault 30: every error code of ApiVersions', () => {
  // 35 UNSUPPORTED_VERSION is the broker's way to say what it knows: tested with the versions.
  test.each(FAILURES.filter((code) => code !== 35))('%i ends the connection; the next one may do', async (code) => {
    const world = new World()
    world.onRequest(apiVersions, (request, ordinal) =>
      ordinal > 3 ? undefined : answerTo(request, apiVersions, () => ({ errorCode: code, apiKeys: [] })),
    )
    const connected = await world.failureOf(world.producer().connect())
    expect(connected).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never', retriable: true })
    expect(connected.message).toContain('broker-1:9092 refused ApiVersions: ')
    expect(connected.cause).toMatchObject({ code: errorFor(code).name })
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.valuesIn('t')).toEqual(['v'])
  })
})
