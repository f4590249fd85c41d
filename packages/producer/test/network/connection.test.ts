import { initProducerId, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

describe('fault 8: a request without an answer', () => {
  test('ends its connection after requestTimeoutMs, and its batches go again over another', async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 3000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'hang' } : undefined))
    const startMs = world.nowMs
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    const [, first, second] = world.wire.batches
    expect(second?.request.connectionId).not.toBe(first?.request.connectionId)
    expect((second?.request.atMs ?? 0) - startMs).toBeGreaterThanOrEqual(3000)
    expect((second?.request.atMs ?? 0) - startMs).toBeLessThan(3300)
    expect(world.valuesIn('t'), 'the broker had it, and knew it again').toEqual(['0', '1'])
  })

  test('takes everything in flight on its connection with it, and order stays', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 4 }] })
    const producer = world.producer({ requestTimeoutMs: 1000, maxProduceRequestBytes: 1 })
    await world.until(producer.send({ topic: 't', value: 'warm', partition: 3 }))
    world.onRequest(produce, (_request, ordinal) => (ordinal === 2 ? { kind: 'hang' } : undefined))
    const sent = Array.from({ length: 30 }, (_, i) => producer.send({ topic: 't', partition: i % 3, value: `${i}` }))
    await world.until(Promise.all(sent))
    for (const partition of [0, 1, 2]) {
      expect(world.valuesIn('t', partition).map(Number)).toEqual(
        Array.from({ length: 10 }, (_, i) => i * 3 + partition),
      )
    }
    expect(world.wire.violations).toEqual([])
  })

  test('does not end a connection whose answers only come late', async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 3000 })
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 2900 }))
    await world.until(producer.send({ topic: 't', value: '0' }))
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(new Set(world.wire.batches.map(({ request }) => request.connectionId)).size).toBe(1)
    expect(world.wire.batches).toHaveLength(2)
  })

  test.each([
    ['Metadata', metadata],
    ['InitProducerId', initProducerId],
  ])('to %s is asked again', async (_name, api) => {
    const world = new World()
    world.onRequest(api, (_request, ordinal) => (ordinal === 1 ? { kind: 'hang' } : undefined))
    const producer = world.producer({ requestTimeoutMs: 1000 })
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ offset: 0 })
    expect(world.nowMs).toBeLessThan(2000)
  })
})

describe('an answer that makes no sense ends the connection, and the batch goes again:', () => {
  const alterations: [string, (frame: Buffer) => Buffer][] = [
    ['fault 18: another correlation id', (frame) => (frame.writeInt32BE(999, 4), frame)],
    ['fault 17: a negative size', (frame) => (frame.writeInt32BE(-1, 0), frame)],
    ['fault 17: a size of two gigabytes', (frame) => (frame.writeInt32BE(0x7fff_ffff, 0), frame)],
    ['fault 17: no room for a correlation id', () => Buffer.from('0000000200ff', 'hex')],
    ['fault 16: a body that is cut', (frame) => (frame.writeInt32BE(frame.length - 10, 0), frame.subarray(0, -6))],
    [
      'fault 21: bytes left over',
      (frame) => (frame.writeInt32BE(frame.length - 1, 0), Buffer.concat([frame, Buffer.of(0, 0, 0)])),
    ],
  ]
  test.each(alterations)('%s', async (_name, alter) => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) =>
      ordinal === 1 ? { kind: 'alter', alter: (frame) => alter(Buffer.from(frame)) } : undefined,
    )
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs, 'without waiting for a timeout').toBeLessThan(2000)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('fault 21: whatever bytes it is altered in, nothing is lost, doubled or stuck', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const world = new World({ seed })
      const producer = world.producer({ requestTimeoutMs: 1000, retryBackoffMs: 10 })
      for (const api of [produce, metadata, initProducerId]) {
        world.onRequest(api, (_request, ordinal) =>
          ordinal % 3 === 1 ? { kind: 'alter', alter: (frame) => garbled(frame, world) } : undefined,
        )
      }
      const sent = Array.from({ length: 5 }, (_, i) => world.watch(producer.send({ topic: 't', value: `${i}` })))
      await world.pass(200_000)
      for (const [i, outcome] of sent.entries())
        expect(outcome().state, `record ${i}, seed ${seed}`).not.toBe('pending')
      const values = world.valuesIn('t').map(Number)
      expect(values, `seed ${seed}`).toEqual([...new Set(values)].toSorted((a, b) => a - b))
    }
  }, 30_000)
})

describe('fault 67: a batch buffer is not used again while a socket holds it:', () => {
  const topics = [
    { name: 'a', partitions: 1 },
    { name: 'b', partitions: 1 },
  ]
  /** Sends as much as it takes to use every buffer that was given back. */
  const useBuffers = (producer: Producer): Promise<unknown>[] =>
    Array.from({ length: 8 }, (_, i) => producer.send({ topic: 'b', value: `${i}`.repeat(5000) }))

  test('its records have expired', async () => {
    const world = new World({ topics })
    const producer = world.producer({ requestTimeoutMs: 2000, deliveryTimeoutMs: 2000 })
    await world.until(Promise.all(['a', 'b'].map((topic) => producer.send({ topic, value: '0' }))))
    world.network.timing.leaveMs = 60_000 // the socket is full
    world.network.timing.closedMs = 500
    const late = world.failureOf(producer.send({ topic: 'a', value: 'A'.repeat(5000) }))
    expect(await late).toMatchObject({ outcome: 'unknown' })
    world.network.timing.leaveMs = 0
    await world.until(Promise.all(useBuffers(producer)))
    await world.pass(5000)
    expect(world.network.violations).toEqual([])
    for (const value of world.valuesIn('b').slice(1)) expect(value).toMatch(/^(\d)\1{4999}$/)
  })

  test('it was answered before the socket had written it', async () => {
    const world = new World({ topics })
    const producer = world.producer()
    await world.until(Promise.all(['a', 'b'].map((topic) => producer.send({ topic, value: '0' }))))
    world.network.timing.writtenMs = 500
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 'a', value: 'A'.repeat(5000) }))
    expect(world.nowMs - startMs).toBe(2)
    await world.until(Promise.all(useBuffers(producer)))
    expect(world.nowMs - startMs, 'the socket takes the next request only then').toBeGreaterThanOrEqual(500)
    expect(world.network.violations).toEqual([])
  })

  test('it was refused, and is stamped anew for another', async () => {
    const world = new World({ topics })
    const producer = world.producer({ requestTimeoutMs: 1000 })
    await world.until(Promise.all(['a', 'b'].map((topic) => producer.send({ topic, value: '0' }))))
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, 45) : undefined))
    const { timing } = world.network
    timing.writtenMs = 60_000
    timing.closedMs = 500
    const sent = producer.send({ topic: 'a', value: 'A'.repeat(5000) })
    await world.pass(100)
    timing.writtenMs = 0
    expect(await world.until(sent)).toMatchObject({ offset: 1 })
    await world.pass(1000)
    expect(world.network.violations).toEqual([])
    expect(world.valuesIn('a')).toEqual(['0', 'A'.repeat(5000)])
  })

  test('an earlier socket lets go of it while the retry is in another', async () => {
    const world = new World({ topics })
    const producer = world.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 2500 })
    await world.until(Promise.all(['a', 'b'].map((topic) => producer.send({ topic, value: '0' }))))
    const { timing, observers } = world.network
    timing.closedMs = 600
    // Large requests stay in their sockets; what connects goes through.
    const hold = (bytes: Buffer): void => void (timing.leaveMs = bytes.length > 5000 ? 60_000 : 0)
    observers.push({ onWrite: (_id, _address, bytes) => hold(bytes), onReceived: () => {}, onClosed: () => {} })
    expect(await world.failureOf(producer.send({ topic: 'a', value: 'A'.repeat(5000) }))).toMatchObject({
      code: 'DELIVERY_TIMEOUT',
      outcome: 'unknown',
    })
    expect(world.wire.batches.filter(({ bytes }) => bytes.length > 5000)).toHaveLength(3)
    await world.pass(300) // the second socket is closed by now, the third not yet
    const others = Promise.allSettled(useBuffers(producer))
    await world.until(others)
    expect(world.network.violations).toEqual([])
  })

  test('the producer is closed', async () => {
    const world = new World({ topics })
    const producer = world.producer()
    await world.until(Promise.all(['a', 'b'].map((topic) => producer.send({ topic, value: '0' }))))
    world.network.timing.leaveMs = 60_000
    const sent = world.failureOf(producer.send({ topic: 'a', value: 'A'.repeat(5000) }))
    await world.pass(10)
    await world.until(producer.close({ timeoutMs: 0 }))
    expect(await sent).toMatchObject({ code: 'CLOSED', outcome: 'unknown' })
    expect(world.network.violations).toEqual([])
  })
})

describe('deliveryTimeoutMs', () => {
  test("fails what was never sent with 'never'", async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 2000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.elect('t', 0, -1)
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    world.host(1).reset()
    await world.pass(10)
    const startMs = world.nowMs
    const error = await world.failureOf(producer.send({ topic: 't', value: '1' }))
    expect(error).toMatchObject({ code: 'DELIVERY_TIMEOUT', outcome: 'never' })
    expect(world.nowMs - startMs).toBe(2000)
  })

  test("fails what is in flight with 'unknown', ends its connection, and what follows has a new epoch", async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 1200, deliveryTimeoutMs: 2000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal <= 2 ? { kind: 'hang' } : undefined))
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({
      code: 'DELIVERY_TIMEOUT',
      outcome: 'unknown',
    })
    expect(await world.until(producer.send({ topic: 't', value: '2' }))).toMatchObject({ offset: 2 })
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
    expect(world.wire.batches.at(-1)?.batch).toMatchObject({ producerEpoch: 1, baseSequence: 0 })
  })

  test("is counted from the call: a batch that waited and is then in flight for the first time is 'unknown'", async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 2000, deliveryTimeoutMs: 2500 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => {
      if (ordinal === 1) return { kind: 'delay', delayMs: 1500 }
      return ordinal === 2 ? { kind: 'hang' } : undefined
    })
    const first = producer.send({ topic: 't', value: '1' })
    await world.pass(0)
    const startMs = world.nowMs
    const second = world.failureOf(producer.send({ topic: 't', value: '2' }))
    await world.until(first)
    expect(await second).toMatchObject({ code: 'DELIVERY_TIMEOUT', outcome: 'unknown' })
    expect(world.nowMs - startMs).toBe(2500)
    await world.until(producer.send({ topic: 't', value: '3' }))
    expect(world.nowMs - startMs, 'not held up by the request that hangs').toBeLessThan(2800)
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3'])
    const connections = world.wire.batches.map(({ request }) => request.connectionId)
    expect(connections.at(-1), 'its connection was ended').not.toBe(connections[0])
  })

  test('holds for a batch that is tried again and again', async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 5000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, () => ({ kind: 'close-before' }))
    const startMs = world.nowMs
    const error = await world.failureOf(producer.send({ topic: 't', value: '1' }))
    expect(error).toMatchObject({ outcome: 'unknown', retriable: true })
    expect(world.nowMs - startMs).toBeLessThanOrEqual(5000)
    expect(error.message).toMatch(/attempts in \d+ ms/)
    expect(error.message).toContain('broker-1:9092')
  })

  test('of several batches in one request each has its own error', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ requestTimeoutMs: 1200, deliveryTimeoutMs: 2000 })
    await world.until(Promise.all([0, 1, 2].map((partition) => producer.send({ topic: 't', partition, value: '0' }))))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const failed = [0, 1, 2].map((partition) => world.failureOf(producer.send({ topic: 't', partition, value: '1' })))
    for (const [partition, error] of (await Promise.all(failed)).entries()) {
      expect(error).toMatchObject({ outcome: 'unknown' })
      expect(error.message).toMatch(new RegExp(`^t-${partition}: `))
      for (const other of [0, 1, 2]) if (other !== partition) expect(error.message).not.toContain(`t-${other}:`)
    }
  })
})

/** A few bytes after the size are wrong. */
function garbled(frame: Uint8Array, world: World): Uint8Array {
  const altered = Uint8Array.from(frame)
  for (let i = 0; i < 3; i++) altered[4 + world.random.below(altered.length - 4)] = world.random.below(256)
  return altered
}
