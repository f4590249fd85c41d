import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { alterAnswer } from '../network/altered-answer.ts'
import { type BrokerRequest, type Fault, refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_LEADER_OR_FOLLOWER = 6

interface NamedLeader {
  readonly leaderId: number
  readonly leaderEpoch: number
  /** By node id. */
  readonly hosts?: Readonly<Record<number, string>>
}

/** A refusal that says who leads (KIP-951). */
function refuseNaming(request: BrokerRequest, { leaderId, leaderEpoch, hosts = {} }: NamedLeader): Fault {
  return alterAnswer(request, produce, (response) => {
    response.nodeEndpoints = Object.entries(hosts).map(([id, host]) => ({
      nodeId: Number(id),
      host,
      port: 9092,
      rack: null,
    }))
    for (const { partitionResponses } of response.responses) {
      for (const partition of partitionResponses) {
        Object.assign(partition, {
          errorCode: NOT_LEADER_OR_FOLLOWER,
          baseOffset: -1n,
          currentLeader: { leaderId, leaderEpoch },
        })
      }
    }
  })
}

async function movedWorld(): Promise<{ world: World; producer: ReturnType<World['producer']> }> {
  const world = new World({ brokers: 3 })
  const producer = world.producer()
  await world.until(producer.send({ topic: 't', value: '0' }))
  return { world, producer }
}

describe('fault 31: a leader that has moved', () => {
  test('is followed at once when the refusal names the new one (KIP-951)', async () => {
    const { world, producer } = await movedWorld()
    world.elect('t', 0, 2)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseNaming(request, { leaderId: 2, leaderEpoch: 1, hosts: { 2: 'broker-2' } }) : undefined,
    )
    world.onRequest(metadata, () => ({ kind: 'hang' }))
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs, 'no back-off, no metadata').toBeLessThan(15)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('is followed to a broker that metadata did not tell of', async () => {
    const { world, producer } = await movedWorld()
    world.network.listen({ host: 'new-broker', port: 9092 }, world.host(2).accept)
    world.elect('t', 0, 2)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseNaming(request, { leaderId: 7, leaderEpoch: 1, hosts: { 7: 'new-broker' } }) : undefined,
    )
    world.onRequest(metadata, () => ({ kind: 'hang' }))
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.wire.batches.at(-1)?.request.address.host).toBe('new-broker')
  })

  test('is followed to its new address', async () => {
    const { world, producer } = await movedWorld()
    world.network.listen({ host: 'moved', port: 9092 }, world.host(2).accept)
    world.elect('t', 0, 2)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseNaming(request, { leaderId: 2, leaderEpoch: 1, hosts: { 2: 'moved' } }) : undefined,
    )
    world.onRequest(metadata, () => ({ kind: 'hang' }))
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.wire.batches.at(-1)?.request.address.host).toBe('moved')
  })

  test.each<[string, NamedLeader]>([
    ['of the epoch that we know', { leaderId: 3, leaderEpoch: 0, hosts: { 3: 'broker-3' } }],
    ['of an older epoch', { leaderId: 3, leaderEpoch: -1, hosts: { 3: 'broker-3' } }],
    ['that is none', { leaderId: -1, leaderEpoch: 5 }],
    ['that nobody knows', { leaderId: 9, leaderEpoch: 5 }],
  ])('a leader %s is not taken: metadata says who it is, after a back-off', async (_what, named) => {
    const { world, producer } = await movedWorld()
    world.elect('t', 0, 2)
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseNaming(request, named) : undefined))
    world.onRequest(metadata, () => ({ kind: 'delay', delayMs: 80 }))
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs).toBeLessThan(300)
    expect(world.wire.batches.map(({ request }) => request.address.host)).toEqual(['broker-1', 'broker-1', 'broker-2'])
  })

  test('metadata older than the refusal does not lead back', async () => {
    const { world, producer } = await movedWorld()
    world.elect('t', 0, 2)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseNaming(request, { leaderId: 2, leaderEpoch: 1, hosts: { 2: 'broker-2' } }) : undefined,
    )
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, ({ topics }) => {
        for (const { partitions } of topics)
          for (const partition of partitions) Object.assign(partition, { leaderId: 1, leaderEpoch: 0 })
      }),
    )
    for (let i = 1; i < 5; i++) await world.until(producer.send({ topic: 't', value: `${i}` }))
    await world.pass(2000)
    await world.until(producer.send({ topic: 't', value: '5' }))
    const hosts = world.wire.batches.map(({ request }) => request.address.host)
    expect(hosts.slice(2)).toEqual(Array.from({ length: 5 }, () => 'broker-2'))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  test('and is named only by metadata is followed after a back-off', async () => {
    const { world, producer } = await movedWorld()
    world.elect('t', 0, 2)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, NOT_LEADER_OR_FOLLOWER) : undefined,
    )
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs).toBeLessThan(300)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })
})

describe('fault 32: a leader that moves with every request for a minute', () => {
  test.each([true, false])(
    'is followed, and all is there, once and in order; named in the refusal: %s',
    async (isNamed) => {
      const world = new World({ brokers: 3 })
      world.network.timing.latencyMs = 20
      const producer = world.producer({ batchSize: 100 })
      await world.until(producer.send({ topic: 't', value: '0' }))
      const untilMs = world.nowMs + 60_000
      world.onRequest(produce, (request) => {
        if (world.nowMs > untilMs) return undefined
        const next = (request.nodeId % 3) + 1
        const { leaderEpoch } = world.partition('t', 0)
        world.elect('t', 0, next)
        if (!isNamed) return refuseProduce(request, NOT_LEADER_OR_FOLLOWER)
        return refuseNaming(request, {
          leaderId: next,
          leaderEpoch: leaderEpoch + 1,
          hosts: { [next]: `broker-${next}` },
        })
      })
      const values = Array.from({ length: 100 }, (_, i) => `${i + 1}`)
      const sent = world.watch(Promise.all(values.map((value) => producer.send({ topic: 't', value }))))
      await world.untilTrue(() => sent().state !== 'pending')
      expect(sent().state).toBe('fulfilled')
      expect(world.valuesIn('t')).toEqual(['0', ...values])
      expect(world.nowMs - untilMs, 'it converges').toBeLessThan(1500)
      expect(new Set(world.wire.batches.map(({ batch }) => batch.producerEpoch)), 'without a new epoch').toEqual(
        new Set([0]),
      )
      expect(world.wire.violations).toEqual([])
    },
  )
})

describe('fault 36: a partition without a leader for a while', () => {
  test('keeps its records until there is one, and asks no more often than the back-off allows', async () => {
    const { world, producer } = await movedWorld()
    world.elect('t', 0, -1)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, NOT_LEADER_OR_FOLLOWER) : undefined,
    )
    const before = world.wire.of(metadata).length
    const sent = world.watch(producer.send({ topic: 't', value: '1' }))
    await world.pass(20_000)
    expect(sent().state).toBe('pending')
    expect(world.wire.of(metadata).length - before, '100 ms, doubling to 1 s').toBeLessThan(28)
    world.elect('t', 0, 3)
    const startMs = world.nowMs
    await world.untilTrue(() => sent().state === 'fulfilled')
    expect(world.nowMs - startMs).toBeLessThan(1300)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('the other partitions go on', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer()
    world.elect('t', 0, -1)
    const waiting = world.watch(producer.send({ topic: 't', partition: 0, value: 'v' }))
    await world.until(producer.send({ topic: 't', partition: 1, value: 'v' }))
    expect(world.nowMs).toBeLessThan(50)
    expect(waiting().state).toBe('pending')
  })
})

describe('fault 37: brokers that disagree', () => {
  test('an older leader epoch is never gone back to, however often it is told', async () => {
    const { world, producer } = await movedWorld()
    world.elect('t', 0, 2)
    await world.until(producer.send({ topic: 't', value: '1' }))
    // Every second answer comes from a broker that lags behind.
    world.onRequest(metadata, (request, ordinal) =>
      ordinal % 2 === 0
        ? undefined
        : alterAnswer(request, metadata, ({ topics }) => {
            for (const { partitions } of topics)
              for (const partition of partitions) Object.assign(partition, { leaderId: 1, leaderEpoch: 0 })
          }),
    )
    const refused = world.wire.batches.length
    for (let i = 2; i < 20; i++) {
      world.host(3).reset()
      await world.until(producer.partitionsFor('t'))
      await world.pass(700)
      await world.until(producer.send({ topic: 't', value: `${i}` }))
    }
    const later = world.wire.batches.slice(refused)
    expect(new Set(later.map(({ request }) => request.address.host))).toEqual(new Set(['broker-2']))
  })
})
