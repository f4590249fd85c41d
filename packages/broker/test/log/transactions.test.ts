import { readRecordBatches } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { topicConfigFrom } from '../../src/cluster/topic-config.ts'
import { ErrorCode } from '../../src/error-code.ts'
import { PartitionLog } from '../../src/log/partition-log.ts'
import { RecordsRefused } from '../../src/log/records-refused.ts'
import { BASE_TIMESTAMP, idempotentBatch } from '../record-batch.ts'

const config = topicConfigFrom({})
const TRANSACTIONAL = 0x10

interface Writer {
  readonly id: bigint
  readonly epoch?: number
}

function write(log: PartitionLog, { id, epoch = 0 }: Writer, sequence: number, count = 1): void {
  const fields = { producerId: id, producerEpoch: epoch, attributes: TRANSACTIONAL }
  log.append(idempotentBatch(sequence, count, fields), 0, config, BASE_TIMESTAMP)
}

interface Ending {
  readonly coordinatorEpoch?: number
  readonly version?: 0 | 2
}

function end(log: PartitionLog, { id, epoch = 0 }: Writer, result: 'commit' | 'abort', ending: Ending = {}): number {
  const { coordinatorEpoch = 0, version = 0 } = ending
  const marker = { producerId: id, producerEpoch: epoch, coordinatorEpoch, result, version }
  return log.appendMarker(marker, 0, config, BASE_TIMESTAMP)
}

const a = { id: 1n }
const b = { id: 2n }

/** Offsets 0 to 8: a0 b1 b2 |a3 b4 |b5 a6 a7 |a8, a aborted at 3 and open at 6, b committed at 5. */
function interleaved(): PartitionLog {
  const log = new PartitionLog()
  write(log, a, 0)
  write(log, b, 0, 2)
  end(log, a, 'abort')
  write(log, b, 2)
  end(log, b, 'commit')
  write(log, a, 1, 2)
  return log
}

const errorOf = (work: () => unknown): number | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof RecordsRefused) return error.errorCode
    throw error
  }
}

describe('the last stable offset', () => {
  test('is the high watermark where nothing is open', () => {
    const log = new PartitionLog()
    expect(log.transactions.lastStableOffset(0)).toBe(0)
    log.append(idempotentBatch(0, 3), 0, config, BASE_TIMESTAMP)
    expect(log.transactions.lastStableOffset(3)).toBe(3)
  })

  test('is the first offset of the oldest open transaction', () => {
    const log = new PartitionLog()
    const stable = (): number => log.transactions.lastStableOffset(log.endOffset)
    write(log, a, 0)
    write(log, b, 0)
    expect(stable()).toBe(0)
    end(log, a, 'commit')
    expect(stable()).toBe(1)
    end(log, b, 'abort')
    expect(stable()).toBe(4)
  })

  test('waits for replicas that do not have a marker yet', () => {
    const log = interleaved()
    expect(
      [1, 3, 4, 5, 6, 8].map((highWatermark) => interleaved().transactions.lastStableOffset(highWatermark)),
    ).toEqual([0, 0, 1, 1, 6, 6])
    expect(log.endOffset).toBe(8)
  })
})

describe('aborted transactions', () => {
  test('are told of the stretch that is read', () => {
    const { transactions } = interleaved()
    const aborted = { producerId: 1n, firstOffset: 0, lastOffset: 3 }
    expect([transactions.abortedIn(0, 1), transactions.abortedIn(3, 8)]).toEqual([[aborted], [aborted]])
    expect([transactions.abortedIn(4, 8), transactions.abortedIn(0, 0)]).toEqual([[], []])
  })

  test('that are cut away with their marker are open again, and what is left is known', () => {
    const log = interleaved()
    log.truncateTo(3)
    expect(log.transactions.abortedIn(0, 10)).toEqual([])
    expect(log.transactions.lastStableOffset(3)).toBe(0)
    expect(log.hasOngoingTransaction(1n, 0)).toBe(true)
    end(log, a, 'commit')
    expect(log.transactions.lastStableOffset(log.endOffset)).toBe(1)
  })

  test('are known to a copy of the log, with everything else', () => {
    const copy = interleaved().copy()
    expect(copy.transactions.abortedIn(0, 10)).toEqual([{ producerId: 1n, firstOffset: 0, lastOffset: 3 }])
    expect(copy.transactions.lastStableOffset(8)).toBe(6)
    expect([copy.producers.get(1n)?.lastSequence, copy.producers.get(2n)?.coordinatorEpoch]).toEqual([2, 0])
  })
})

describe('producers that are forgotten', () => {
  test('are not those in a transaction, in the log or in a copy of it', () => {
    const log = interleaved()
    log.forgetProducers()
    expect([...log.producers.keys()]).toEqual([1n])
    expect([...log.copy().producers.keys()]).toEqual([1n])
    end(log, a, 'abort')
    log.forgetProducers()
    expect([log.producers.size, log.copy().producers.size]).toEqual([0, 0])
  })
})

describe('a marker', () => {
  test.each(['commit', 'abort'] as const)(
    'is a control batch that a reader of the format takes for one (%s)',
    (result) => {
      const log = new PartitionLog()
      expect(end(log, { id: 7n, epoch: 5 }, result, { coordinatorEpoch: 9 })).toBe(1)
      const [batch] = [...readRecordBatches(log.read(0, 1000, true))]
      expect(batch).toMatchObject({ producerId: 7n, producerEpoch: 5, isTransactional: true, isControl: true })
      const [record] = batch?.records ?? []
      expect(Buffer.from(record?.key ?? []).toString('hex')).toBe(result === 'commit' ? '00000001' : '00000000')
      expect(Buffer.from(record?.value ?? []).toString('hex')).toBe('000000000009')
    },
  )

  test('takes over the epoch it brings, and the next batch begins at 0', () => {
    const log = new PartitionLog()
    write(log, a, 0)
    end(log, { id: 1n, epoch: 1 }, 'commit', { version: 2 })
    expect(errorOf(() => write(log, a, 1))).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect(errorOf(() => write(log, { id: 1n, epoch: 1 }, 1))).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(errorOf(() => write(log, { id: 1n, epoch: 1 }, 0))).toBeUndefined()
  })

  test('of the new protocol brings a new epoch, unless it comes again', () => {
    const log = new PartitionLog()
    write(log, a, 0)
    const endAt = (epoch: number) => errorOf(() => end(log, { id: 1n, epoch }, 'commit', { version: 2 }))
    expect([endAt(0), endAt(1), endAt(1), endAt(0)]).toEqual([
      ErrorCode.INVALID_PRODUCER_EPOCH,
      undefined,
      undefined,
      ErrorCode.INVALID_PRODUCER_EPOCH,
    ])
  })

  test('of a coordinator that was replaced is refused', () => {
    const log = new PartitionLog()
    end(log, a, 'commit', { coordinatorEpoch: 2 })
    expect(errorOf(() => end(log, a, 'commit', { coordinatorEpoch: 1 }))).toBe(ErrorCode.TRANSACTION_COORDINATOR_FENCED)
  })

  test('bears the time of the broker where the broker stamps', () => {
    const log = new PartitionLog()
    const stamped = topicConfigFrom({ 'message.timestamp.type': 'LogAppendTime' })
    const marker = { producerId: 1n, producerEpoch: 0, coordinatorEpoch: 0, result: 'commit', version: 0 } as const
    log.appendMarker(marker, 0, stamped, BASE_TIMESTAMP)
    const [batch] = [...readRecordBatches(log.read(0, 1000, true))]
    expect(batch).toMatchObject({ timestampType: 'LOG_APPEND_TIME', maxTimestamp: BigInt(BASE_TIMESTAMP) })
  })
})
