import { describeTransactions } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import { answerTo, type BrokerRequest, type Fault } from '../world/broker-host.ts'
import type { World } from '../world/world.ts'
import { committedValues, requestsOf, transactionalProducer, transactionalWorld } from './transactional-world.ts'

/** As a broker holds a first batch that comes before the end of the transaction before is written. */
const HELD_MS = 20

const NOTHING_TOLD = {
  transactionalId: 'tx',
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0n,
  producerId: 0n,
  producerEpoch: 0,
  topics: [],
}

/** A world with transactions v2, of which one has just been committed. The coordinator leads no partition. */
async function afterCommit(): Promise<{ world: World; producer: Producer }> {
  const world = transactionalWorld(2, { brokers: 2, topics: [{ name: 't', partitions: 1, replicationFactor: 2 }] })
  world.elect('t', 0, world.cluster.coordinatorFor('tx')?.nodeId === 1 ? 2 : 1)
  const producer = transactionalProducer(world)
  await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'first' })))
  world.wire.requests.length = 0
  return { world, producer }
}

function toldState(request: BrokerRequest, transactionState: string, errorCode: number = 0): Fault {
  return answerTo(request, describeTransactions, () => ({
    throttleTimeMs: 0,
    transactionStates: [{ ...NOTHING_TOLD, errorCode, transactionState }],
  }))
}

const second = (producer: Producer): Promise<unknown> =>
  producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'second' }))

const commitOffset = (producer: Producer): Promise<unknown> =>
  producer.transaction((tx) => tx.sendOffsets([{ topic: 't', partition: 0, offset: 1 }], { groupId: 'g' }))

const TRANSACTIONAL: ReadonlySet<string> = new Set(['DescribeTransactions', 'Produce', 'TxnOffsetCommit', 'EndTxn'])

/** Since {@link afterCommit}. */
const asked = (world: World): string[] =>
  world.wire.requests.map(({ apiName }) => apiName).filter((name) => TRANSACTIONAL.has(name))

describe('a transaction that begins while the end of the one before may still be written', () => {
  test.each(['PrepareCommit', 'PrepareAbort'])('asks until its coordinator does not say %s any more', async (state) => {
    const { world, producer } = await afterCommit()
    world.onRequest(describeTransactions, (request, ordinal) => (ordinal <= 2 ? toldState(request, state) : undefined))
    await world.until(second(producer))
    expect(asked(world)).toEqual([...Array<string>(3).fill('DescribeTransactions'), 'Produce', 'EndTxn'])
    expect(committedValues(world, 't')).toEqual(['first', 'second'])
  })

  test('asks before it commits offsets, too', async () => {
    const { world, producer } = await afterCommit()
    await world.until(commitOffset(producer))
    expect(asked(world)).toEqual(['DescribeTransactions', 'TxnOffsetCommit', 'EndTxn'])
  })

  test('asks a hundred times at most, also where answers take no time', async () => {
    const { world, producer } = await afterCommit()
    world.network.timing.latencyMs = 0
    world.onRequest(describeTransactions, (request) => toldState(request, 'PrepareCommit'))
    await world.until(second(producer))
    expect(requestsOf(world, 'DescribeTransactions')).toBeLessThan(110)
  })

  test('asks no longer than a broker would hold it', async () => {
    const { world, producer } = await afterCommit()
    world.onRequest(describeTransactions, (request) => toldState(request, 'PrepareCommit'))
    const startMs = world.nowMs
    await world.until(second(producer))
    expect(requestsOf(world, 'DescribeTransactions')).toBeGreaterThan(2)
    expect(world.nowMs - startMs).toBeLessThan(HELD_MS + 10)
  })

  test.each<[string, (request: BrokerRequest) => Fault]>([
    ['a coordinator that does not answer', () => ({ kind: 'hang' })],
    ['one whose answer is late', () => ({ kind: 'delay', delayMs: 500 })],
    ['one that is gone', () => ({ kind: 'close-before' })],
    ['one that is another by now', (request) => toldState(request, '', 16)],
    ['one that may not tell', (request) => toldState(request, '', 53)],
    [
      'one that says nothing',
      (request) => answerTo(request, describeTransactions, () => ({ throttleTimeMs: 0, transactionStates: [] })),
    ],
  ])('does not wait for %s', async (_name, faultFor) => {
    const { world, producer } = await afterCommit()
    world.onRequest(describeTransactions, faultFor)
    const tx = producer.beginTransaction()
    const startMs = world.nowMs
    await world.until(tx.send({ topic: 't', partition: 0, value: 'second' }))
    expect(world.nowMs - startMs).toBeLessThan(HELD_MS + 10)
    expect(requestsOf(world, 'DescribeTransactions')).toBe(1)
  })
})

test('the end is asked for once if nobody waits for it, and not by the first transaction', async () => {
  const world = transactionalWorld(2)
  world.onRequest(describeTransactions, (request) => toldState(request, 'PrepareCommit'))
  const producer = transactionalProducer(world)
  const askedBefore: number[] = []
  for (let count = 0; count < 3; count++) {
    await world.until(
      producer.transaction(async (tx) => {
        await tx.send({ topic: 't', partition: 0, value: `${count}` })
        askedBefore.push(requestsOf(world, 'DescribeTransactions'))
      }),
    )
    await world.pass(HELD_MS)
  }
  expect(askedBefore).toEqual([0, 1, 2])
})

test('an end is not waited for where sixteen in a row were written at once, until one is late again', async () => {
  const { world, producer } = await afterCommit()
  let isLate = false
  world.onRequest(describeTransactions, (request) =>
    isLate ? toldState(request, 'PrepareCommit') : { kind: 'delay', delayMs: 10 },
  )
  const hasWaited = async (): Promise<boolean> => {
    const startMs = world.nowMs
    const tx = producer.beginTransaction()
    await world.until(tx.send({ topic: 't', partition: 0, value: 'v' }))
    const tookMs = world.nowMs - startMs
    await world.until(tx.commit())
    return tookMs >= 10
  }
  const waited: boolean[] = []
  for (let count = 0; count < 18; count++) waited.push(await hasWaited())
  expect(waited).toEqual([...Array<boolean>(16).fill(true), false, false])
  isLate = true
  await hasWaited()
  expect(await hasWaited()).toBe(true)
})

test('with v1 nobody asks: what comes too early is refused at once', async () => {
  const world = transactionalWorld(1)
  const producer = transactionalProducer(world)
  for (let count = 0; count < 3; count++) {
    await world.until(second(producer))
    await world.until(commitOffset(producer))
  }
  expect(requestsOf(world, 'DescribeTransactions')).toBe(0)
})

test('a broker that cannot tell is not asked', async () => {
  const world = transactionalWorld(2)
  for (const host of world.hosts) host.versions = { DescribeTransactions: [0, -1] }
  const producer = transactionalProducer(world)
  for (let count = 0; count < 3; count++) await world.until(second(producer))
  expect(requestsOf(world, 'DescribeTransactions')).toBe(0)
  expect(committedValues(world, 't')).toHaveLength(3)
})
