import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import { answerTo, type BrokerRequest, type Fault, type VersionLimits } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_LEADER_OR_FOLLOWER = 6
/** Longer than the age of metadata, and shorter than until it is asked for on the same connection. */
const LATE_MS = 80

interface Named {
  readonly leaderId: number
  readonly leaderEpoch: number
  /** Whether the answer says where that broker is. */
  readonly withEndpoint?: boolean
}

/** The broker does not lead any more, and says who does. */
function refusedNaming(request: BrokerRequest, { leaderId, leaderEpoch, withEndpoint = true }: Named): Fault {
  const endpoint = { nodeId: leaderId, host: `broker-${leaderId}`, port: 9092 }
  return answerTo(request, produce, ({ topicData }) => ({
    nodeEndpoints: withEndpoint ? [endpoint] : [],
    responses: topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode: NOT_LEADER_OR_FOLLOWER,
        baseOffset: -1n,
        currentLeader: { leaderId, leaderEpoch },
      })),
    })),
  }))
}

/** One record is written to broker 1; then the answer to the next one names a leader, and metadata hangs. */
async function sentBrokers(named: Named): Promise<{ world: World; brokers: string[]; waitedMs: number }> {
  const world = new World({ brokers: 2 })
  world.elect('t', 0, 1)
  const producer = world.producer({ retryBackoffMs: 1000 })
  await world.until(producer.send({ topic: 't', value: '0' }))
  world.elect('t', 0, 2)
  world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refusedNaming(request, named) : undefined))
  world.onRequest(metadata, () => ({ kind: 'delay', delayMs: 5000 }))
  const startMs = world.nowMs
  await world.until(producer.send({ topic: 't', value: '1' }))
  expect(world.valuesIn('t')).toEqual(['0', '1'])
  const brokers = world.wire.batches.map(({ request }) => request.address.host)
  return { world, brokers, waitedMs: world.nowMs - startMs }
}

describe('scenario 44, fault 31: NOT_LEADER_OR_FOLLOWER that names the leader', () => {
  test('sends the batch there at once, without metadata and without a pause', async () => {
    const { world, brokers, waitedMs } = await sentBrokers({ leaderId: 2, leaderEpoch: 100 })
    expect(brokers).toEqual(['broker-1', 'broker-1', 'broker-2'])
    expect(waitedMs).toBeLessThan(100)
    const [, refused, written] = world.wire.batches
    expect(written?.bytes, 'the same bytes').toEqual(refused?.bytes)
  })

  test('of an epoch that is not newer than ours is not believed: metadata decides', async () => {
    const { brokers, waitedMs } = await sentBrokers({ leaderId: 2, leaderEpoch: 0 })
    expect(brokers.at(-1)).toBe('broker-2')
    expect(waitedMs).toBeGreaterThanOrEqual(5000)
  })

  test('that nobody knows the address of waits for metadata', async () => {
    const { brokers, waitedMs } = await sentBrokers({ leaderId: 9, leaderEpoch: 100, withEndpoint: false })
    expect(brokers.at(-1)).toBe('broker-2')
    expect(waitedMs).toBeGreaterThanOrEqual(5000)
  })

  test.each([13, 12])(
    'of a topic that was made anew meanwhile leads nothing of the new one; Produce version %i',
    async (newest) => {
      const { world, producer } = await writingToPartition1({ Produce: [0, newest] })
      const sent = producer.send({ topic: 't', partition: 1, value: 'meanwhile' })
      await world.untilTrue(() => world.wire.batches.length === 3)
      world.cluster.recreateTopic('t')
      world.elect('t', 1, 2)
      expect(await world.until(sent)).toMatchObject({ offset: 0 })
      expect(world.nowMs).toBeLessThan(1000)
      expect(world.wire.batches.at(-1)?.request.address.host).toBe('broker-2')
    },
  )

  test('by the name of a topic that was made anew may be old news: metadata is believed all the same', async () => {
    const world = new World({ brokers: 2 })
    for (const host of world.hosts) host.versions = { Produce: [0, 12] }
    world.elect('t', 0, 1)
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    const oldNews = { leaderId: 2, leaderEpoch: 100 }
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refusedNaming(request, oldNews) : undefined))
    world.onRequest(metadata, () => ({ kind: 'delay', delayMs: 100 }))
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.valuesIn('t')).toEqual(['0', '1'])
    const brokers = world.wire.batches.map(({ request }) => request.address.host)
    expect(brokers).toEqual(['broker-1', 'broker-1', 'broker-2', 'broker-1'])
  })

  test('by the name of its topic is not followed again and again', async () => {
    const world = new World({ brokers: 2 })
    for (const host of world.hosts) host.versions = { Produce: [0, 12] }
    const producer = world.producer({ deliveryTimeoutMs: 5000, requestTimeoutMs: 1000, retryBackoffMs: 1000 })
    world.onRequest(produce, (request) => {
      const other = request.nodeId === 1 ? 2 : 1
      return refusedNaming(request, { leaderId: other, leaderEpoch: 100 + other })
    })
    await expect(world.until(producer.send({ topic: 't', value: '0' }))).rejects.toThrow('deliveryTimeoutMs')
    expect(world.wire.batches.length).toBeLessThan(12)
  })

  test.each([13, 9])('leads no partition that is gone; Metadata version %i', async (newest) => {
    const { world, producer } = await writingToPartition1({ Metadata: [0, newest] })
    const sent = world.watch(producer.send({ topic: 't', partition: 1, value: 'too late' }))
    await world.untilTrue(() => world.wire.batches.length === 3)
    world.cluster.recreateTopic('t', 1)
    await world.untilTrue(() => sent().state === 'rejected')
    expect(world.wire.batches).toHaveLength(3)
  })
})

/** Broker 2 leads partition 0 and broker 1 partition 1, whose next request is refused late, with old news. */
async function writingToPartition1(versions: VersionLimits): Promise<{ world: World; producer: Producer }> {
  const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2, replicationFactor: 2 }] })
  for (const host of world.hosts) host.versions = versions
  world.elect('t', 0, 2)
  world.elect('t', 1, 1)
  const producer = world.producer({ metadataMaxAgeMs: 50, deliveryTimeoutMs: 5000, requestTimeoutMs: 1000 })
  for (const partition of [0, 1]) await world.until(producer.send({ topic: 't', partition, value: 'before' }))
  refuseLate(world, { leaderId: 1, leaderEpoch: 100 })
  return { world, producer }
}

/** The next answer to a Produce request names a leader, and is long on its way. */
function refuseLate(world: World, named: Named): void {
  world.onRequest(produce, (request, ordinal) => {
    if (ordinal !== 1) return undefined
    const { timing } = world.network
    const { latencyMs } = timing
    timing.latencyMs = LATE_MS
    world.timeline.after(latencyMs / 2, () => {
      timing.latencyMs = latencyMs
    })
    return refusedNaming(request, named)
  })
}
