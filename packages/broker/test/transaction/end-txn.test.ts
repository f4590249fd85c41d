import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { begun, TransactionalClient, useUpEpochs } from './transactional-client.ts'

const { NONE, INVALID_TXN_STATE, PRODUCER_FENCED, INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING } = ErrorCode

describe('the end of a transaction by the old protocol', () => {
  test.each([0, 1, 2, 3, 4])('version %i commits and aborts, and keeps the epoch', (version) => {
    const { tx } = begun()
    for (const committed of [true, false, true]) {
      expect(tx.add()).toEqual([NONE])
      expect(tx.state).toBe('Ongoing')
      expect(tx.end(committed, version)).toBe(NONE)
      expect(tx.state).toBe(committed ? 'CompleteCommit' : 'CompleteAbort')
      expect(tx.producerEpoch).toBe(0)
    }
  })

  test('that comes again is done already, and the other outcome is refused', () => {
    const { tx } = begun()
    tx.add()
    expect([tx.end(true, 4), tx.end(true, 4), tx.end(false, 4)]).toEqual([NONE, NONE, INVALID_TXN_STATE])
    tx.add()
    expect([tx.end(false, 4), tx.end(false, 4), tx.end(true, 4)]).toEqual([NONE, NONE, INVALID_TXN_STATE])
  })

  test.each([true, false])('is refused before anything was added (commit: %s)', (committed) => {
    expect(begun().tx.end(committed, 4)).toBe(INVALID_TXN_STATE)
  })
})

describe('the end of a transaction by the new protocol', () => {
  test.each([true, false])('gives the next epoch, and the same one to the request that comes again', (committed) => {
    const { tx } = begun()
    tx.add()
    expect([tx.end(committed), tx.producerEpoch]).toEqual([NONE, 1])
    tx.producerEpoch = 0
    expect([tx.end(committed), tx.producerEpoch]).toEqual([NONE, 1])
    tx.producerEpoch = 0
    expect([tx.end(!committed), tx.producerEpoch]).toEqual([INVALID_TXN_STATE, 0])
  })

  test('is taken for an abort of nothing, in every state that knows no transaction', () => {
    const { tx } = begun()
    expect([tx.end(false), tx.producerEpoch, tx.state]).toEqual([NONE, 1, 'CompleteAbort'])
    expect([tx.end(false), tx.producerEpoch]).toEqual([NONE, 2])
    tx.add()
    expect([tx.end(true), tx.producerEpoch]).toEqual([NONE, 3])
    expect([tx.end(false), tx.producerEpoch, tx.state]).toEqual([NONE, 4, 'CompleteAbort'])
  })

  test('is refused for a commit of nothing', () => {
    const { tx } = begun()
    expect(tx.end(true)).toBe(INVALID_TXN_STATE)
    tx.add()
    expect([tx.end(true), tx.end(true)]).toEqual([NONE, INVALID_TXN_STATE])
    expect([tx.end(false), tx.end(true)]).toEqual([NONE, INVALID_TXN_STATE])
  })

  test('takes a new producer id when the epochs of the old one are used up', () => {
    const { client, tx } = begun()
    useUpEpochs(client, tx)
    expect([tx.write(), tx.end(true)]).toEqual([NONE, NONE])
    expect(tx).toMatchObject({ producerId: 1n, producerEpoch: 0 })
    expect(client.cluster.partition('t', 0).log.producers.get(0n)?.epoch).toBe(32_767)
    Object.assign(tx, { producerId: 0n, producerEpoch: 32_766 })
    expect([tx.end(true), tx.producerId, tx.producerEpoch]).toEqual([NONE, 1n, 0])
    expect([tx.write(), tx.end(true), tx.producerEpoch]).toEqual([NONE, NONE, 1])
  })
})

describe.each([4, 5])('EndTxn version %i', (version) => {
  test('with another epoch is fenced', () => {
    const { tx } = begun()
    tx.init()
    tx.add()
    for (const producerEpoch of [0, 2, -1]) {
      Object.assign(tx, { producerEpoch })
      expect(tx.end(true, version)).toBe(PRODUCER_FENCED)
    }
  })

  test('with another producer id is not mapped', () => {
    const { tx } = begun()
    tx.add()
    tx.producerId = 99n
    expect(tx.end(true, version)).toBe(INVALID_PRODUCER_ID_MAPPING)
  })

  test('of an id that nobody knows is not mapped, and of none is no request', () => {
    const { client } = begun()
    expect(new TransactionalClient(client, 'other').end(true, version)).toBe(INVALID_PRODUCER_ID_MAPPING)
    expect(new TransactionalClient(client, '').end(true, version)).toBe(ErrorCode.INVALID_REQUEST)
  })

  test.each([true, false])('waits for the markers of its predecessor (commit: %s)', (committed) => {
    const { client, tx } = begun({ transactionMarkerDelayMs: 10 })
    tx.add()
    const { producerId, producerEpoch } = tx
    expect(tx.end(true, version)).toBe(NONE)
    Object.assign(tx, { producerId, producerEpoch })
    expect(tx.state).toBe('PrepareCommit')
    expect(tx.end(committed, version)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
    client.ports.pass(10)
    expect(tx.state).toBe('CompleteCommit')
    expect(tx.end(committed, version)).toBe(committed ? NONE : INVALID_TXN_STATE)
  })
})

test.each([0, 1])('EndTxn version %i knows no word for being fenced but an invalid epoch', (version) => {
  const { tx } = begun()
  tx.add()
  tx.producerEpoch = 5
  expect(tx.end(true, version)).toBe(INVALID_PRODUCER_EPOCH)
})
