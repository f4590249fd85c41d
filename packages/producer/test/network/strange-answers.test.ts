import { initProducerId, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { Producer } from '../../src/index.ts'
import type { BrokerRequest, Fault } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Size, correlation id and throttle time stand before the brokers in a Metadata answer that is not flexible. */
const BROKER_COUNT_AT = 12

describe('fault 23: an answer that claims more than it has', () => {
  test.each([
    ['two thousand million brokers', (frame: Buffer) => frame.writeInt32BE(0x7fff_ffff, BROKER_COUNT_AT)],
    ['less than no brokers', (frame: Buffer) => frame.writeInt32BE(-2, BROKER_COUNT_AT)],
    ['a host name longer than the answer', (frame: Buffer) => frame.writeInt16BE(0x7fff, BROKER_COUNT_AT + 8)],
  ])(
    '%s: the connection ends at once, without the memory for them, and the next answer counts',
    async (_what, alter) => {
      const world = new World()
      world.host(1).versions = { Metadata: [0, 8] }
      world.onRequest(metadata, (_request, ordinal) =>
        ordinal > 3
          ? undefined
          : {
              kind: 'alter',
              alter: (frame) => {
                const altered = Buffer.from(frame)
                alter(altered)
                return altered
              },
            },
      )
      const beforeBytes = process.memoryUsage().rss
      await world.until(world.producer().send({ topic: 't', value: 'v' }))
      expect(world.nowMs).toBeLessThan(2000)
      expect(process.memoryUsage().rss - beforeBytes).toBeLessThan(500_000_000)
    },
  )
})

describe('fault 24: answers of a newer broker', () => {
  test('may have tagged fields that nobody here knows', async () => {
    const world = new World()
    /** The last byte counts the tagged fields of the answer: none. One is put there, of tag 99 and three bytes. */
    const withTag = (frame: Uint8Array): Uint8Array => {
      const tagged = Buffer.concat([frame.subarray(0, -1), Buffer.of(1, 99, 3, 7, 7, 7)])
      tagged.writeInt32BE(tagged.length - 4, 0)
      return tagged
    }
    for (const api of [metadata, initProducerId, produce]) {
      world.onRequest(api, () => ({ kind: 'alter', alter: withTag }))
    }
    const producer = world.producer()
    expect(await world.until(producer.send({ topic: 't', value: '0' }))).toMatchObject({ offset: 0 })
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(world.wire.of(produce)).toHaveLength(2)
  })
})

describe('fault 26: answers of different brokers', () => {
  test('may come in any order, and each partition keeps its own', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new World({ seed, brokers: 4, topics: [{ name: 't', partitions: 8 }] })
      const producer = world.producer({ batchSize: 200 })
      world.onRequest(produce, () => ({ kind: 'delay', delayMs: world.random.below(400) }))
      const sent: Promise<unknown>[] = []
      for (let i = 0; i < 160; i++) {
        sent.push(producer.send({ topic: 't', partition: i % 8, value: `${i}` }))
        if (i % 16 === 0) await world.pass(world.random.below(100))
      }
      await world.until(Promise.all(sent))
      for (let partition = 0; partition < 8; partition++) {
        expect(world.valuesIn('t', partition).map(Number)).toEqual(
          Array.from({ length: 20 }, (_, i) => i * 8 + partition),
        )
      }
      expect(world.wire.violations).toEqual([])
    }
  })
})

describe('fault 28: two connections to one broker at once, the old one half open', () => {
  test.each([2, 5])(
    'a batch that the broker reads from the old one %i batches later changes nothing',
    async (count) => {
      const world = new World()
      const producer = world.producer({ requestTimeoutMs: 1000 })
      await world.until(producer.send({ topic: 't', value: '0' }))
      const lying: BrokerRequest[] = []
      const left: Fault = { kind: 'answer', frame: Buffer.alloc(0) }
      world.onRequest(produce, (request, ordinal) => {
        if (ordinal > 1) return undefined
        lying.push(request)
        return left
      })
      const values = Array.from({ length: count }, (_, i) => `${i + 1}`)
      for (const value of values) await world.until(producer.send({ topic: 't', value }))
      for (const { frame } of lying) world.host(1).broker.handle(frame, () => {})
      expect(lying).toHaveLength(1)
      expect(world.valuesIn('t')).toEqual(['0', ...values])
      await world.until(producer.send({ topic: 't', value: 'after' }))
      expect(world.valuesIn('t')).toEqual(['0', ...values, 'after'])
    },
  )
})

describe('fault 11: a line of 8 KiB/s', () => {
  test('gets one request at a time, each whole within requestTimeoutMs, and none goes twice', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 10 }] })
    const producer = world.producer({ maxProduceRequestBytes: 100_000, deliveryTimeoutMs: 600_000 })
    await world.until(producer.send({ topic: 't', partition: 0, value: 'warm' }))
    const setSpeed = (bytes: Buffer): void => void (world.network.timing.leaveMs = bytes.length / 8)
    world.network.observers.push({
      onWrite: (_id, _address, bytes) => setSpeed(bytes),
      onReceived: () => {},
      onClosed: () => {},
    })
    const sockets = world.network.sockets.length
    const sent = Array.from({ length: 10 }, (_, partition) =>
      producer.send({ topic: 't', partition, value: `${partition}`.repeat(90_000) }),
    )
    await world.until(Promise.all(sent))
    expect(world.nowMs).toBeGreaterThan(110_000)
    expect(world.wire.batches).toHaveLength(11)
    expect(world.network.sockets).toHaveLength(sockets)
    expect(world.network.violations).toEqual([])
  })
})

describe('fault 62: a clock on the wall that jumps', () => {
  test.each([
    ['an hour ahead', 3_600_000],
    ['an hour back', -3_600_000],
    ['a year ahead', 31_536_000_000],
    ['a year back', -31_536_000_000],
  ])('%s: no time that is waited for is longer or shorter, and records say what it says', async (_what, jumpMs) => {
    const config = { 'message.timestamp.after.max.ms': '9007199254740991' } // Kafka's default is an hour
    const world = new World({ topics: [{ name: 't', partitions: 1, config }] })
    const ports = world.ports()
    let offsetMs = 0
    const clock = { ...ports.clock, wallTime: () => ports.clock.wallTime() + offsetMs }
    const producer = new Producer(
      { bootstrapServers: 'broker-1:9092', logger: silent, requestTimeoutMs: 1000, deliveryTimeoutMs: 3000 },
      { ...ports, clock },
    )
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal <= 3 ? { kind: 'hang' } : undefined))
    const startMs = world.nowMs
    const stuck = world.watch(producer.send({ topic: 't', value: '1' }))
    await world.pass(500)
    offsetMs = jumpMs
    await world.untilTrue(() => stuck().state !== 'pending')
    expect(world.nowMs - startMs).toBe(3000)
    const { timestamp } = await world.until(producer.send({ topic: 't', value: '2' }))
    expect(Math.abs(timestamp - (world.timeline.wallTimeMs + jumpMs))).toBeLessThan(100)
    await world.until(producer.close())
  })
})
