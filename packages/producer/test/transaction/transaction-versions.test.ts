import { codecFor, decodeResponseFrame, encodeResponseFrame, endTxn, initProducerId } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { World } from '../world/world.ts'
import { committedValues, requestsOf, transactionalProducer, transactionalWorld } from './transactional-world.ts'

function versionsOf(world: World, name: string): number[] {
  return world.wire.requests.filter(({ apiName }) => apiName === name).map(({ apiVersion }) => apiVersion)
}

describe('scenario 62, fault 57: transactions v1 and v2', () => {
  test.each([
    ['Produce 11', { Produce: [3, 11] }],
    ['EndTxn 4', { EndTxn: [0, 4] }],
    ['TxnOffsetCommit 4', { TxnOffsetCommit: [0, 4] }],
  ] as const)('a broker that only speaks %s gets v1, whatever the cluster has agreed on', async (_, versions) => {
    const world = transactionalWorld(2)
    for (const host of world.hosts) host.versions = versions
    const producer = transactionalProducer(world)
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    expect(requestsOf(world, 'AddPartitionsToTxn')).toBe(1)
    expect(versionsOf(world, 'EndTxn')).toEqual([4])
    expect(committedValues(world, 't')).toEqual(['a'])
  })

  test('an upgrade of the cluster is noticed between transactions, after a new epoch', async () => {
    const world = transactionalWorld(1)
    const producer = transactionalProducer(world, { metadataMaxAgeMs: 1000 })
    const run = (value: string): Promise<unknown> =>
      world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value })))
    await run('a')
    world.cluster.features.setTransactionVersion(2)
    for (const value of ['b', 'c', 'd', 'e']) {
      await world.pass(1500)
      await run(value)
    }
    expect(versionsOf(world, 'EndTxn').at(0)).toBe(4)
    expect(versionsOf(world, 'EndTxn').at(-1)).toBe(5)
    expect(committedValues(world, 't')).toEqual(['a', 'b', 'c', 'd', 'e'])
    const epochs = world.wire.batches.map(({ batch }) => batch.producerEpoch)
    const firstOfV2 = versionsOf(world, 'EndTxn').indexOf(5)
    expect(epochs[firstOfV2]).toBeGreaterThan(epochs[firstOfV2 - 1] ?? Infinity)
  })

  test('to look for one does not keep a transaction from going on, however old an answer is when it comes', async () => {
    const world = transactionalWorld(1)
    world.network.timing.latencyMs = 250
    const config = { metadataMaxAgeMs: 200, maxInFlightRequestsPerConnection: 1, retryBackoffMs: 5 }
    const producer = transactionalProducer(world, config)
    for (const value of ['a', 'b', 'c']) {
      await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value })))
    }
    expect(committedValues(world, 't')).toEqual(['a', 'b', 'c'])
  })

  test('a downgrade is noticed too', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world, { metadataMaxAgeMs: 1000 })
    const run = (value: string): Promise<unknown> =>
      world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value })))
    await run('a')
    world.cluster.features.setTransactionVersion(1)
    for (const value of ['b', 'c', 'd']) {
      await world.pass(1500)
      await run(value)
    }
    expect(versionsOf(world, 'EndTxn').at(-1)).toBe(4)
    expect(committedValues(world, 't')).toEqual(['a', 'b', 'c', 'd'])
  })

  test('scenario 61: what EndTxn answers is what the next transaction is stamped with, from sequence 0 on', async () => {
    const world = transactionalWorld(2)
    world.onRequest(endTxn, (_request, ordinal) =>
      ordinal === 1 ? { kind: 'alter', alter: (frame) => withIdentity(frame, 4711n, 0) } : undefined,
    )
    const producer = transactionalProducer(world)
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    void world.failureOf(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' })))
    await world.untilTrue(() => world.wire.batches.length > 1)
    expect(world.wire.batches[1]?.batch).toMatchObject({ producerId: 4711n, producerEpoch: 0, baseSequence: 0 })
  })
})

/** Another id and epoch in an answer to EndTxn 5, as when the epochs of an id are used up. */
function withIdentity(frame: Uint8Array, producerId: bigint, producerEpoch: number): Uint8Array {
  const codec = codecFor(endTxn, 5)
  const { correlationId, response } = decodeResponseFrame(codec, frame.subarray(4))
  return encodeResponseFrame(codec, correlationId, { ...response, producerId, producerEpoch })
}

describe('brokers before 2.5, which cannot give another epoch,', () => {
  const old = { InitProducerId: [0, 2], TxnOffsetCommit: [0, 2], Produce: [3, 7], EndTxn: [0, 1] } as const

  test('do transactions', async () => {
    const world = transactionalWorld(1)
    for (const host of world.hosts) host.versions = old
    const producer = transactionalProducer(world)
    for (const value of ['a', 'b']) {
      await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value })))
    }
    expect(committedValues(world, 't')).toEqual(['a', 'b'])
    expect(requestsOf(world, initProducerId.name)).toBe(1)
  })

  test('leave a producer whose EndTxn had no answer without a way on: it says so', async () => {
    const world = transactionalWorld(1)
    for (const host of world.hosts) host.versions = old
    world.onRequest(endTxn, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    const producer = transactionalProducer(world)
    const end = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' }))
    await world.until(end.catch(() => {}))
    expect(committedValues(world, 't')).toEqual(['a'])
    expect(await world.failureOf(producer.transaction(() => {}))).toMatchObject({ fatal: true })
  })
})
