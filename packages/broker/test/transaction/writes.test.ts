import { initProducerId, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { idempotentBatch } from '../record-batch.ts'
import { responseIn } from '../test-client.ts'
import { begun, TransactionalClient } from './transactional-client.ts'

const { NONE, INVALID_TXN_STATE, TRANSACTION_ABORTABLE, CONCURRENT_TRANSACTIONS, NOT_ENOUGH_REPLICAS } = ErrorCode
const { INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, OUT_OF_ORDER_SEQUENCE_NUMBER } = ErrorCode
const TRANSACTIONAL = 0x10

describe('a transactional batch', () => {
  test.each([
    [9, INVALID_TXN_STATE],
    [10, INVALID_TXN_STATE],
    [11, TRANSACTION_ABORTABLE],
    [12, NONE],
  ])('of a partition that was not added gets, in Produce %i, error %i', (version, errorCode) => {
    const { tx } = begun()
    expect(tx.write({ version })).toBe(errorCode)
    expect(tx.state).toBe(errorCode === NONE ? 'Ongoing' : 'Empty')
  })

  test.each([9, 11, 12])('of a partition that was added is appended, in Produce %i', (version) => {
    const { client, tx } = begun()
    tx.add([2])
    expect(tx.write({ version, partition: 2 })).toBe(NONE)
    expect(client.cluster.partition('t', 2).log.transactions.firstOffsetOf(tx.producerId)).toBe(0)
  })

  test.each([9, 11])('after the end of its transaction is refused, in Produce %i', (version) => {
    const { tx } = begun()
    tx.add()
    tx.write({ version })
    tx.end(true, 4)
    expect(tx.write({ version, sequence: 1 })).toBe(version === 11 ? TRANSACTION_ABORTABLE : INVALID_TXN_STATE)
  })

  test('by a producer id that nobody has is not mapped', () => {
    const { tx } = begun()
    tx.producerId = 99n
    expect([11, 12].map((version) => tx.write({ version }))).toEqual([
      INVALID_PRODUCER_ID_MAPPING,
      INVALID_PRODUCER_ID_MAPPING,
    ])
  })

  test('with an old epoch is refused by the coordinator, and by a partition that knows better', () => {
    const { tx } = begun()
    tx.init()
    expect(tx.write()).toBe(NONE)
    tx.producerEpoch = 0
    expect([tx.write({ sequence: 1 }), tx.write({ partition: 1 })]).toEqual([
      INVALID_PRODUCER_EPOCH,
      INVALID_PRODUCER_EPOCH,
    ])
  })

  test('begins at sequence 0 in the new protocol, and nowhere else', () => {
    const { tx } = begun()
    expect([tx.write({ sequence: 3 }), tx.write(), tx.write({ sequence: 1 })]).toEqual([
      OUT_OF_ORDER_SEQUENCE_NUMBER,
      NONE,
      NONE,
    ])
  })

  test('that was refused is not overtaken by the one after it', () => {
    const { client, tx } = begun()
    const loaded = client.cluster.loadCoordinator('tx')
    expect(tx.write({ version: 11 })).toBe(NOT_ENOUGH_REPLICAS)
    loaded()
    tx.add()
    expect([1, 0, 1].map((sequence) => tx.write({ version: 11, sequence }))).toEqual([
      OUT_OF_ORDER_SEQUENCE_NUMBER,
      NONE,
      NONE,
    ])
  })

  test('is followed by no other batch of its producer', () => {
    const { tx } = begun()
    expect([tx.write(), tx.write({ sequence: 1, fields: { attributes: 0 } })]).toEqual([NONE, INVALID_TXN_STATE])
  })

  test('of two producers in one request is refused as a whole', () => {
    const { client, tx } = begun()
    const batchOf = (producerId: bigint) =>
      idempotentBatch(0, 1, { producerId, producerEpoch: 0, attributes: TRANSACTIONAL })
    const response = client.call(produce, 12, {
      transactionalId: tx.transactionalId,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData: [0, 1].map((index) => ({ index, records: batchOf(BigInt(index)) })) }],
    })
    const codes = response.responses[0]?.partitionResponses.map(({ errorCode }) => errorCode)
    expect(codes).toEqual([INVALID_PRODUCER_ID_MAPPING, INVALID_PRODUCER_ID_MAPPING])
  })

  test('is refused alone: the rest of its request is appended', () => {
    const { client, tx } = begun()
    tx.add([0])
    const { producerId } = tx
    const records = idempotentBatch(0, 1, { producerId, producerEpoch: 0, attributes: TRANSACTIONAL })
    const { answers } = client.start(produce, 11, {
      transactionalId: tx.transactionalId,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData: [0, 1].map((index) => ({ index, records })) }],
    })
    const { responses } = responseIn(produce, 11, answers[0])
    const codes = responses[0]?.partitionResponses.map(({ errorCode }) => errorCode)
    expect(codes).toEqual([NONE, TRANSACTION_ABORTABLE])
  })
})

describe('while the markers of the last transaction are missing', () => {
  test('the first batch of the next one waits for them', () => {
    const { client, tx } = begun({ transactionMarkerDelayMs: 50 })
    expect([tx.write(), tx.end(true)]).toEqual([NONE, NONE])
    const written = tx.startWrite()
    client.ports.pass(49)
    expect(written()).toBeUndefined()
    client.ports.pass(1)
    expect(written()).toBe(NONE)
    expect(client.cluster.partition('t', 0).log.endOffset).toBe(3)
  })

  test('it waits for 100 ms at most', () => {
    const { client, tx } = begun({ transactionMarkerDelayMs: 200 })
    tx.write()
    tx.end(true)
    const written = tx.startWrite()
    client.ports.pass(100)
    expect(written()).toBe(CONCURRENT_TRANSACTIONS)
    client.ports.pass(100)
    expect([tx.write(), client.cluster.partition('t', 0).log.endOffset]).toEqual([NONE, 3])
  })

  test('it is appended though its producer is gone', () => {
    const { client, tx } = begun({ transactionMarkerDelayMs: 50 })
    tx.write()
    tx.end(true)
    const { producerId, producerEpoch, transactionalId } = tx
    const records = idempotentBatch(0, 1, { producerId, producerEpoch, attributes: TRANSACTIONAL })
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    const sent = client.start(produce, 12, { transactionalId, acks: -1, timeoutMs: 1000, topicData })
    sent.cancel()
    client.ports.pass(50)
    expect([sent.answers, client.cluster.partition('t', 0).log.endOffset]).toEqual([[], 3])
  })

  test('a dead broker appends nothing', () => {
    const { client, tx } = begun({ transactionMarkerDelayMs: 50 })
    tx.write()
    tx.end(true)
    tx.startWrite()
    client.broker.kill({ noticedAfterMs: Infinity })
    client.ports.pass(200)
    expect(client.cluster.partition('t', 0).log.endOffset).toBe(1)
  })

  test.each([
    [10, NOT_ENOUGH_REPLICAS],
    [11, NOT_ENOUGH_REPLICAS],
  ])('Produce %i waits for nothing and gets error %i', (version, errorCode) => {
    const { tx } = begun({ transactionMarkerDelayMs: 50 })
    tx.add()
    tx.end(true, 4)
    expect(tx.write({ version })).toBe(errorCode)
  })
})

test('an id without a transactional id begins no transaction', () => {
  const { client } = begun()
  const idempotent = client.call(initProducerId, 4, { transactionalId: null, transactionTimeoutMs: 1 })
  const stranger = new TransactionalClient(client)
  Object.assign(stranger, idempotent)
  expect(stranger.write()).toBe(INVALID_PRODUCER_ID_MAPPING)
})
