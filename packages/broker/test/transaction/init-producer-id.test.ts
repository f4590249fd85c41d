import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { begun, TransactionalClient, useUpEpochs } from './transactional-client.ts'

const { NONE, CONCURRENT_TRANSACTIONS, PRODUCER_FENCED, INVALID_PRODUCER_EPOCH } = ErrorCode

describe('InitProducerId with a transactional id', () => {
  test.each([0, 1, 2, 3, 4, 5])('version %i gives the same id and the next epoch', (version) => {
    const { tx } = begun()
    expect([tx.producerId, tx.producerEpoch]).toEqual([0n, 0])
    expect([tx.init({ version }), tx.producerId, tx.producerEpoch]).toEqual([NONE, 0n, 1])
    expect([tx.init({ version }), tx.producerId, tx.producerEpoch]).toEqual([NONE, 0n, 2])
  })

  test('gives other ids to other transactional ids', () => {
    const { client, tx } = begun()
    const other = new TransactionalClient(client, 'other')
    expect([other.init(), other.producerId, tx.producerId]).toEqual([NONE, 1n, 0n])
  })

  test.each([
    [900_000, NONE],
    [900_001, ErrorCode.INVALID_TRANSACTION_TIMEOUT],
    [1, NONE],
    [0, ErrorCode.INVALID_TRANSACTION_TIMEOUT],
  ])('a timeout of %i ms gets error %i', (timeoutMs, errorCode) => {
    expect(begun().tx.init({ timeoutMs })).toBe(errorCode)
  })

  test('a producer that asks again after it got no answer gets the same epoch', () => {
    const { tx } = begun()
    const expected = { producerId: tx.producerId, producerEpoch: tx.producerEpoch }
    expect([tx.init({ expected }), tx.producerEpoch]).toEqual([NONE, 1])
    expect([tx.init({ expected }), tx.producerEpoch]).toEqual([NONE, 1])
  })

  test('a producer that others have followed is fenced', () => {
    const { tx } = begun()
    const expected = { producerId: tx.producerId, producerEpoch: tx.producerEpoch }
    tx.init()
    tx.init()
    expect(tx.init({ expected })).toBe(PRODUCER_FENCED)
    expect(tx.init({ expected, version: 3 })).toBe(INVALID_PRODUCER_EPOCH)
    expect(tx.init({ expected: { producerId: 99n, producerEpoch: 1 } })).toBe(PRODUCER_FENCED)
  })

  test.each([undefined, 'present'])('after the last epoch comes another id (expected: %s)', (says) => {
    const { client, tx } = begun()
    useUpEpochs(client, tx)
    const expected = { producerId: tx.producerId, producerEpoch: tx.producerEpoch }
    const asked = says === undefined ? {} : { expected }
    expect([tx.init(asked), tx.producerId, tx.producerEpoch]).toEqual([NONE, 1n, 0])
    if (says !== undefined) expect([tx.init(asked), tx.producerId, tx.producerEpoch]).toEqual([NONE, 1n, 0])
  })
})

describe.each([1, 2] as const)('InitProducerId in a transaction, at transaction.version %i', (transactionVersion) => {
  test('fences the producer, aborts the transaction and has to be asked again', () => {
    const { client, tx } = begun()
    client.cluster.features.setTransactionVersion(transactionVersion)
    const zombie = new TransactionalClient(client)
    zombie.init()
    expect([zombie.add(), zombie.write({ version: 11 })]).toEqual([[NONE], NONE])
    expect(tx.init()).toBe(CONCURRENT_TRANSACTIONS)
    expect(tx.state).toBe('CompleteAbort')
    expect([tx.init(), tx.producerEpoch]).toEqual([NONE, 3])
    expect(zombie.add()).toEqual([PRODUCER_FENCED])
    expect(zombie.end(true, 4)).toBe(PRODUCER_FENCED)
    expect(zombie.write({ version: 11, sequence: 1 })).toBe(INVALID_PRODUCER_EPOCH)
    expect(zombie.write({ sequence: 1 })).toBe(INVALID_PRODUCER_EPOCH)
    const { log } = client.cluster.partition('t', 0)
    expect(log.transactions.abortedIn(0, 10)).toEqual([{ producerId: 0n, firstOffset: 0, lastOffset: 1 }])
    expect(log.producers.get(0n)?.epoch).toBe(2)
  })

  test('waits as long as markers are missing', () => {
    const { client, tx } = begun({ transactionMarkerDelayMs: 10 })
    client.cluster.features.setTransactionVersion(transactionVersion)
    tx.add()
    expect([tx.init(), tx.init(), tx.state]).toEqual([CONCURRENT_TRANSACTIONS, CONCURRENT_TRANSACTIONS, 'PrepareAbort'])
    client.ports.pass(10)
    expect([tx.init(), tx.producerEpoch, tx.state]).toEqual([NONE, 2, 'Empty'])
  })

  test('a transaction that takes too long is aborted, and its producer fenced', () => {
    const { client, tx } = begun()
    client.cluster.features.setTransactionVersion(transactionVersion)
    tx.init({ timeoutMs: 1000 })
    tx.add()
    client.ports.pass(999)
    expect(tx.state).toBe('Ongoing')
    client.ports.pass(1)
    expect(tx.state).toBe('CompleteAbort')
    expect([tx.add(), tx.end(true, 4)]).toEqual([[PRODUCER_FENCED], PRODUCER_FENCED])
    const expected = { producerId: tx.producerId, producerEpoch: tx.producerEpoch }
    expect(tx.init({ expected })).toBe(transactionVersion === 2 ? NONE : PRODUCER_FENCED)
  })

  test('a transaction that ended in time lets the next one have all of its own', () => {
    const { client, tx } = begun()
    tx.init({ timeoutMs: 1000 })
    tx.add()
    client.ports.pass(900)
    tx.end(true, 4)
    expect(client.ports.timerCount).toBe(0)
    tx.add()
    client.ports.pass(900)
    expect(tx.state).toBe('Ongoing')
  })
})
