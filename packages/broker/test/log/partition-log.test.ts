import { describe, expect, test } from 'vitest'
import { topicConfigFrom } from '../../src/cluster/topic-config.ts'
import { PartitionLog } from '../../src/log/partition-log.ts'
import { offsetForTimestamp, offsetOfMaxTimestamp } from '../../src/log/timestamp-lookup.ts'
import { BASE_TIMESTAMP, bitwiseCrc32c, recordBatch, type RecordFields } from '../record-batch.ts'

const config = topicConfigFrom({})
const NOW = BASE_TIMESTAMP + 5000
const UNLIMITED = 2 ** 31 - 1

function logOf(...batches: readonly Buffer[]): PartitionLog {
  const log = new PartitionLog()
  for (const batch of batches) log.append(batch, 3, config, NOW)
  return log
}

/** The batch as the log must give it back: with its offset and leader epoch, and nothing else changed. */
function stored(batch: Buffer, baseOffset: number, leaderEpoch = 3): Buffer {
  const copy = Buffer.from(batch)
  copy.writeBigInt64BE(BigInt(baseOffset), 0)
  copy.writeInt32BE(leaderEpoch, 12)
  return copy
}

describe('a log gives back what was appended', () => {
  const one = recordBatch({ records: [{ value: 'a' }] })
  const three = recordBatch({ records: [{ value: 'b' }, { value: 'c' }, { value: 'd' }] })

  test('from any offset, beginning with the batch that has it', () => {
    const log = logOf(one, three, one)
    const batches = [stored(one, 0), stored(three, 1), stored(one, 4)]
    expect(log.read(0, UNLIMITED, true)).toEqual(Buffer.concat(batches))
    for (const offset of [1, 2, 3]) expect(log.read(offset, UNLIMITED, true)).toEqual(Buffer.concat(batches.slice(1)))
    expect(log.read(4, UNLIMITED, true)).toEqual(batches[2])
    expect(log.read(5, UNLIMITED, true)).toHaveLength(0)
  })

  test('only whole batches within the limit, at every limit', () => {
    const log = logOf(one, three, one)
    const ends = [0, one.length, one.length + three.length, one.length * 2 + three.length]
    for (let maxBytes = 0; maxBytes <= (ends[3] ?? 0) + 1; maxBytes++) {
      const fitting = ends.filter((end) => end <= maxBytes).at(-1)
      expect(log.read(0, maxBytes, false), `${maxBytes} bytes`).toHaveLength(fitting ?? 0)
    }
  })

  test('one batch at least when asked, however small the limit', () => {
    expect(logOf(three, one).read(0, 1, true)).toEqual(stored(three, 0))
  })

  test('what the caller does to its bytes afterwards changes nothing', () => {
    const bytes = Buffer.from(one)
    const log = logOf(bytes)
    bytes.fill(0)
    expect(log.read(0, UNLIMITED, true)).toEqual(stored(one, 0))
  })

  test('over many segments, in order and complete', () => {
    const batches = Array.from({ length: 500 }, (_, index) =>
      recordBatch({ records: [{ value: 'x'.repeat(index * 7) }, { value: String(index) }] }),
    )
    const log = logOf(...batches)
    expect(log.segments.length).toBeGreaterThan(3)
    const read: Uint8Array[] = []
    for (let offset = 0; offset < log.endOffset;) {
      const bytes = Buffer.from(log.read(offset, 10_000, true))
      read.push(bytes)
      for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8)) offset += bytes.readInt32BE(at + 57)
    }
    expect(Buffer.concat(read)).toEqual(Buffer.concat(batches.map((batch, index) => stored(batch, index * 2))))
  })

  test('a batch larger than a segment has one of its own', () => {
    const large = recordBatch({ records: [{ value: 'x'.repeat(1_000_000) }] })
    const log = logOf(one, large, one)
    expect(log.read(1, 1, true)).toEqual(stored(large, 1))
    expect(log.read(2, 1, true)).toEqual(stored(one, 2))
  })
})

describe('timestamps of the broker', () => {
  test('a LogAppendTime topic stamps the batch and makes its checksum anew', () => {
    const log = new PartitionLog()
    const appendTime = topicConfigFrom({ 'message.timestamp.type': 'LogAppendTime' })
    const appended = log.append(recordBatch(), 0, appendTime, NOW)
    const batch = Buffer.from(log.read(0, UNLIMITED, true))
    expect(appended).toEqual({ baseOffset: 0, nextOffset: 1, logAppendTimeMs: NOW })
    expect(batch.readInt16BE(21)).toBe(8)
    expect(batch.readBigInt64BE(35)).toBe(BigInt(NOW))
    expect(batch.readUInt32BE(17)).toBe(bitwiseCrc32c(batch.subarray(21)))
  })

  test('a CreateTime topic keeps the times of a batch and says who set them', () => {
    const log = logOf(recordBatch({ attributes: 8 }))
    const batch = Buffer.from(log.read(0, UNLIMITED, true))
    expect([batch.readInt16BE(21), batch.readBigInt64BE(35)]).toEqual([0, BigInt(BASE_TIMESTAMP)])
    expect(batch.readUInt32BE(17)).toBe(bitwiseCrc32c(batch.subarray(21)))
  })

  test('a wrong maximum in the header is made right, as Kafka does', () => {
    const log = logOf(recordBatch({ maxTimestamp: 1 }))
    const batch = Buffer.from(log.read(0, UNLIMITED, true))
    expect(batch.readBigInt64BE(35)).toBe(BigInt(BASE_TIMESTAMP))
    expect(batch.readUInt32BE(17)).toBe(bitwiseCrc32c(batch.subarray(21)))
  })
})

/** A batch with a record at each of these times after the base timestamp. */
function at(...deltas: number[]): Buffer {
  return recordBatch({ records: deltas.map((timestampDelta): RecordFields => ({ timestampDelta })) })
}

describe('offsets by timestamp', () => {
  const log = logOf(at(0, 10, 5), at(2, 30), at(30, 20))

  test.each([
    [-1, 0, 0],
    [0, 0, 0],
    [1, 10, 1],
    [10, 10, 1],
    [11, 30, 4],
    [30, 30, 4],
  ])('from %i on', (delta, foundDelta, offset) => {
    const found = { timestamp: BASE_TIMESTAMP + foundDelta, offset }
    expect(offsetForTimestamp(log, BASE_TIMESTAMP + delta)).toEqual(found)
  })

  test('none is as late', () => {
    expect(offsetForTimestamp(log, BASE_TIMESTAMP + 31)).toBeUndefined()
  })

  test('the latest is the first of those that share it', () => {
    expect(offsetOfMaxTimestamp(log)).toEqual({ timestamp: BASE_TIMESTAMP + 30, offset: 4 })
    expect(offsetOfMaxTimestamp(new PartitionLog())).toBeUndefined()
  })
})
