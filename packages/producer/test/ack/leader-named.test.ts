import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { answerTo, type BrokerRequest, type Fault } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_LEADER_OR_FOLLOWER = 6

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
})
