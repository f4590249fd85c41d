import { initProducerId, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { transactionalProducer, transactionalWorld } from '../transaction/transactional-world.ts'
import { answerTo, refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const TOPIC_AUTHORIZATION_FAILED = 29
const GROUP_AUTHORIZATION_FAILED = 30
const CLUSTER_AUTHORIZATION_FAILED = 31
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53

describe('S10: a right that is missing is told by name, at once, and nothing is written:', () => {
  test('to know of a topic', async () => {
    const world = new World()
    world.onRequest(metadata, (request) =>
      answerTo(request, metadata, ({ topics }) => ({
        brokers: [...world.cluster.nodes],
        topics: (topics ?? []).map(({ name }) => ({ name, errorCode: TOPIC_AUTHORIZATION_FAILED, partitions: [] })),
      })),
    )
    const error = await world.failureOf(world.producer().send({ topic: 'payroll', value: 'v' }))
    expect(error).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED', outcome: 'never', retriable: false })
    expect(error.message).toMatch(/^payroll: .*authorization failed/i)
    expect(world.nowMs).toBeLessThan(100)
  })

  test('to write to a topic, and others go on', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, TOPIC_AUTHORIZATION_FAILED) : undefined,
    )
    const error = await world.failureOf(producer.send({ topic: 't', value: 'refused' }))
    expect(error).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED', outcome: 'never', fatal: false })
    expect(error.message).toMatch(/^t-0: .*authorization failed/i)
    await world.until(producer.send({ topic: 't', value: 'taken' }))
    expect(world.valuesIn('t')).toEqual(['taken'])
  })

  test('to be idempotent', async () => {
    const world = new World()
    world.onRequest(initProducerId, (request) =>
      answerTo(request, initProducerId, () => ({ errorCode: CLUSTER_AUTHORIZATION_FAILED, producerEpoch: -1 })),
    )
    const error = await world.failureOf(world.producer().send({ topic: 't', value: 'v' }))
    expect(error).toMatchObject({ code: 'CLUSTER_AUTHORIZATION_FAILED', outcome: 'never' })
    expect(error.message).toMatch(/cluster authorization failed/i)
    expect(world.nowMs).toBeLessThan(100)
    expect(world.valuesIn('t')).toEqual([])
  })

  test('to use a transactional id', async () => {
    const world = transactionalWorld(2)
    const fault = { kind: 'error', errorCode: TRANSACTIONAL_ID_AUTHORIZATION_FAILED } as const
    world.cluster.faults.push({ api: 'InitProducerId' }, fault)
    const error = await world.failureOf(transactionalProducer(world).initTransactions())
    expect(error).toMatchObject({ code: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', outcome: 'never' })
    expect(error.message).toMatch(/^InitProducerId was refused: transactional id authorization failed/i)
    expect(world.nowMs).toBeLessThan(100)
  })

  test('to commit offsets of a group, and its transaction takes nothing with it', async () => {
    const world = transactionalWorld(2)
    world.cluster.faults.push({ api: 'TxnOffsetCommit' }, { kind: 'error', errorCode: GROUP_AUTHORIZATION_FAILED })
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const error = await world.failureOf(
      producer.transaction((tx) => tx.sendOffsets([{ topic: 't', partition: 0, offset: 1 }], { groupId: 'g' })),
    )
    expect(error).toMatchObject({ code: 'GROUP_AUTHORIZATION_FAILED', outcome: 'never', fatal: false })
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'next' })))
  })
})
