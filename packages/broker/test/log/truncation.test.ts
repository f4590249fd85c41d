import { describe, expect, test } from 'vitest'
import { topicConfigFrom } from '../../src/cluster/topic-config.ts'
import { PartitionLog } from '../../src/log/partition-log.ts'
import { BASE_TIMESTAMP, idempotentBatch, recordBatch } from '../record-batch.ts'

const config = topicConfigFrom({})
const UNLIMITED = 2 ** 31 - 1

function append(log: PartitionLog, batch: Uint8Array): number {
  return log.append(batch, 0, config, BASE_TIMESTAMP).baseOffset
}

/** Batches of one record, at offsets 0 to `count` - 1. */
function logOf(count: number): PartitionLog {
  const log = new PartitionLog()
  for (let sequence = 0; sequence < count; sequence++) append(log, idempotentBatch(sequence, 1))
  return log
}

describe('a log that is cut', () => {
  test('has the records before the cut, byte for byte, and goes on from there', () => {
    const log = logOf(5)
    const before = Buffer.from(log.read(0, UNLIMITED, true, 3))
    log.truncateTo(3)
    expect(log.endOffset).toBe(3)
    expect(Buffer.from(log.read(0, UNLIMITED, true))).toEqual(before)
    expect(append(log, recordBatch())).toBe(3)
  })

  test('loses the batch that the cut goes through', () => {
    const log = new PartitionLog()
    append(log, idempotentBatch(0, 2))
    append(log, idempotentBatch(2, 3))
    log.truncateTo(4)
    expect(log.endOffset).toBe(2)
  })

  test('knows producers by what is left: the lost batch is welcome again, and earlier ones are duplicates', () => {
    const log = logOf(4)
    log.truncateTo(2)
    expect(append(log, idempotentBatch(1, 1))).toBe(1)
    expect(() => append(log, idempotentBatch(3, 1))).toThrow('sequence 3 instead of 2')
    expect(append(log, idempotentBatch(2, 1))).toBe(2)
  })

  test('knows nothing of a producer none of whose batches is left', () => {
    const log = logOf(2)
    log.truncateTo(0)
    expect(log.producers.size).toBe(0)
    expect(append(log, idempotentBatch(7, 1))).toBe(0)
  })

  test('cuts in any of its segments', () => {
    const log = new PartitionLog()
    const large = recordBatch({ records: [{ value: 'x'.repeat(10_000) }] })
    for (let count = 0; count < 20; count++) append(log, large)
    expect(log.segments.length).toBeGreaterThan(2)
    log.truncateTo(11)
    expect(log.read(10, UNLIMITED, true)).toHaveLength(large.length)
    expect(log.read(11, UNLIMITED, true)).toHaveLength(0)
  })
})

test('a copy has the same records and producers, and goes its own way', () => {
  const log = logOf(3)
  const copy = log.copy()
  expect(Buffer.from(copy.read(0, UNLIMITED, true))).toEqual(Buffer.from(log.read(0, UNLIMITED, true)))
  expect(append(copy, idempotentBatch(3, 1))).toBe(3)
  expect(log.endOffset).toBe(3)
  expect(append(log, idempotentBatch(0, 1))).toBe(0)
})

describe('a log that forgets its producers', () => {
  test('takes any sequence, and a batch a second time', () => {
    const log = logOf(2)
    log.forgetProducers()
    expect(append(log, idempotentBatch(1, 1))).toBe(2)
    expect(append(log, idempotentBatch(2, 1))).toBe(3)
  })

  test('does not remember them when it is cut later', () => {
    const log = logOf(2)
    log.forgetProducers()
    append(log, recordBatch())
    log.truncateTo(2)
    expect(log.producers.size).toBe(0)
  })
})

test('a read ends before the high watermark, between batches', () => {
  const log = new PartitionLog()
  const two = recordBatch({ records: [{}, {}] })
  for (let count = 0; count < 3; count++) append(log, two)
  const lengths = [0, 2, 4, 6].map((highWatermark) => log.read(0, UNLIMITED, true, highWatermark).length)
  expect(lengths).toEqual([0, 1, 2, 3].map((count) => count * two.length))
  expect(log.read(4, UNLIMITED, true, 4)).toHaveLength(0)
})
