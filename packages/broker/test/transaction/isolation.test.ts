import { describeProducers, fetch, listOffsets, readRecordBatches } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { responseIn, type TestClient } from '../test-client.ts'
import { begun, TransactionalClient } from './transactional-client.ts'

const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1

function wanted(isolationLevel: number, { fetchOffset = 0n, maxWaitMs = 0, minBytes = 0 } = {}) {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 100_000 }]
  return { maxWaitMs, minBytes, isolationLevel, topics: [{ topic: 't', partitions }] }
}

function fetched(client: TestClient, isolationLevel: number, fetchOffset = 0n) {
  const { responses } = client.call(fetch, 12, wanted(isolationLevel, { fetchOffset }))
  const partition = responses[0]?.partitions[0]
  const batches = [...readRecordBatches(partition?.records ?? new Uint8Array())]
  return {
    offsets: batches.map(({ baseOffset }) => Number(baseOffset)),
    aborted: partition?.abortedTransactions?.map(({ firstOffset }) => Number(firstOffset)) ?? null,
    lastStableOffset: Number(partition?.lastStableOffset),
    highWatermark: Number(partition?.highWatermark),
  }
}

/** Offsets 0 to 6: aborted 0, its marker 1, committed 2 and 3, its marker 4, open 5, and 6 of another producer. */
function withTransactions() {
  const { client, tx } = begun()
  tx.write()
  tx.end(false)
  tx.write()
  tx.write({ sequence: 1 })
  tx.end(true)
  tx.write()
  const other = new TransactionalClient(client, 'other')
  other.init()
  other.write()
  return { client, tx, other }
}

describe('a consumer that reads only what is committed', () => {
  test('gets nothing from the first open transaction on, and is told of the aborted ones before', () => {
    const { client } = withTransactions()
    const seen = { lastStableOffset: 5, highWatermark: 7 }
    expect(fetched(client, READ_COMMITTED)).toEqual({ offsets: [0, 1, 2, 3, 4], aborted: [0], ...seen })
    expect(fetched(client, READ_UNCOMMITTED)).toEqual({ offsets: [0, 1, 2, 3, 4, 5, 6], aborted: null, ...seen })
    expect(fetched(client, READ_COMMITTED, 2n)).toEqual({ offsets: [2, 3, 4], aborted: [], ...seen })
    expect(fetched(client, READ_COMMITTED, 5n)).toEqual({ offsets: [], aborted: [], ...seen })
  })

  test('is told that the log ends at the last stable offset', () => {
    const { client } = withTransactions()
    const latest = (isolationLevel: number) => {
      const partitions = [{ partitionIndex: 0, timestamp: -1n }]
      const request = { replicaId: -1, isolationLevel, topics: [{ name: 't', partitions }] }
      return client.call(listOffsets, 7, request).topics[0]?.partitions[0]?.offset
    }
    expect([latest(READ_COMMITTED), latest(READ_UNCOMMITTED)]).toEqual([5n, 7n])
  })

  test('that waits gets its answer with the marker', () => {
    const { client, tx, other } = withTransactions()
    const request = wanted(READ_COMMITTED, { fetchOffset: 5n, maxWaitMs: 1000, minBytes: 1 })
    const { answers } = client.start(fetch, 12, request)
    other.end(true)
    expect(answers).toEqual([])
    tx.end(true)
    const records = responseIn(fetch, 12, answers[0]).responses[0]?.partitions[0]?.records ?? new Uint8Array()
    expect([...readRecordBatches(records)].map(({ baseOffset }) => Number(baseOffset))).toEqual([5, 6, 7, 8])
  })
})

test('DescribeProducers tells where a transaction began, and which coordinator ended the last', () => {
  const { client, tx, other } = withTransactions()
  const request = { topics: [{ name: 't', partitionIndexes: [0] }] }
  const producers = client.call(describeProducers, 0, request).topics[0]?.partitions[0]?.activeProducers
  expect(producers).toMatchObject([
    { producerId: tx.producerId, producerEpoch: 2, lastSequence: 0, coordinatorEpoch: 0, currentTxnStartOffset: 5n },
    { producerId: other.producerId, producerEpoch: 0, coordinatorEpoch: -1, currentTxnStartOffset: 6n },
  ])
  other.end(false)
  const ended = client.call(describeProducers, 0, request).topics[0]?.partitions[0]?.activeProducers[1]
  expect(ended).toMatchObject({ producerEpoch: 1, lastSequence: -1, coordinatorEpoch: 0, currentTxnStartOffset: -1n })
})
