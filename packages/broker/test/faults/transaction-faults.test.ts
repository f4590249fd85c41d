import { addPartitionsToTxn, endTxn, txnOffsetCommit } from '@linger/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { ErrorCode, type RunningCluster, startCluster } from '../../src/index.ts'
import { begun } from '../transaction/transactional-client.ts'

const { NONE, CONCURRENT_TRANSACTIONS, COORDINATOR_NOT_AVAILABLE } = ErrorCode

describe('faults in transactions', () => {
  test('an error of EndTxn comes instead of the end, or after it', () => {
    const { client, tx } = begun()
    tx.add()
    const error = { kind: 'error', errorCode: COORDINATOR_NOT_AVAILABLE } as const
    client.cluster.faults.push({ api: 'EndTxn' }, error, { ...error, when: 'after' })
    expect([tx.end(true), tx.state]).toEqual([COORDINATOR_NOT_AVAILABLE, 'Ongoing'])
    expect([tx.end(true), tx.state]).toEqual([COORDINATOR_NOT_AVAILABLE, 'CompleteCommit'])
    expect([tx.end(true), tx.producerEpoch]).toEqual([NONE, 1])
  })

  test('an answer of EndTxn that is lost has ended the transaction', () => {
    const { client, tx } = begun()
    tx.add()
    client.cluster.faults.push({ api: 'EndTxn' }, { kind: 'drop', when: 'after' })
    const { transactionalId, producerId, producerEpoch } = tx
    const { answers } = client.start(endTxn, 5, { transactionalId, producerId, producerEpoch, committed: true })
    expect([answers, tx.state]).toEqual([[{ kind: 'none' }], 'CompleteCommit'])
  })

  test('an error of AddPartitionsToTxn stands at the partition that is meant', () => {
    const { client, tx } = begun()
    const error = { kind: 'error', errorCode: CONCURRENT_TRANSACTIONS } as const
    client.cluster.faults.push({ api: 'AddPartitionsToTxn', topic: 't', partition: 1 }, error)
    expect(tx.add([0])).toEqual([NONE])
    expect(tx.add([0, 1])).toEqual([NONE, CONCURRENT_TRANSACTIONS])
    expect(client.cluster.requests.of(addPartitionsToTxn)).toHaveLength(2)
  })

  test('an error of TxnOffsetCommit stands at the partition that is meant, and nothing is pending', () => {
    const { client, tx } = begun()
    client.cluster.faults.push({ api: 'TxnOffsetCommit', topic: 't' }, { kind: 'error', errorCode: 14 })
    expect(tx.commitOffsets(5n)).toBe(14)
    expect(client.cluster.consumerOffsets.isPending('g', { topic: 't', partition: 0 })).toBe(false)
    expect(client.cluster.requests.of(txnOffsetCommit)[0]?.response?.topics[0]?.partitions[0]?.errorCode).toBe(14)
  })

  test('an error at a partition in an answer that was given spares the others', () => {
    const { client, tx } = begun()
    const error = { kind: 'error', errorCode: 15, when: 'after' } as const
    client.cluster.faults.push({ api: 'TxnOffsetCommit', topic: 't', partition: 0 }, error)
    expect(tx.commitOffsets(5n)).toBe(15)
    expect(client.cluster.consumerOffsets.isPending('g', { topic: 't', partition: 0 })).toBe(true)
  })
})

describe('a running cluster', () => {
  let cluster: RunningCluster
  afterEach(() => cluster.close())

  test('begins with the transaction.version that is asked for, and takes another one while it runs', async () => {
    cluster = await startCluster({ brokers: 1, transactionVersion: 1 })
    expect(cluster.cluster.features.transactionVersion).toBe(1)
    cluster.setTransactionVersion(2)
    expect(cluster.cluster.features.finalized).toMatchObject([{ maxVersionLevel: 2 }])
  })

  test('moves coordinators, and one that loads is done after its time', async () => {
    cluster = await startCluster({ brokers: 3 })
    cluster.moveCoordinator('tx', 3, { loadingForMs: 1 })
    expect([cluster.cluster.coordinatorFor('tx')?.nodeId, cluster.cluster.isLoading('tx')]).toEqual([3, true])
    await expect.poll(() => cluster.cluster.isLoading('tx')).toBe(false)
  })
})
