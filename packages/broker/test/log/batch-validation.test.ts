import { COMPRESSION_TYPES, compressionCodecFor, type CompressionType } from '@linger/compression'
import { describe, expect, test } from 'vitest'
import { topicConfigFrom } from '../../src/cluster/topic-config.ts'
import { ErrorCode } from '../../src/error-code.ts'
import { validateProduceRecords } from '../../src/log/batch-validation.ts'
import { RecordsRefused } from '../../src/log/records-refused.ts'
import { RequestRefused } from '../../src/request-refused.ts'
import { BASE_TIMESTAMP, type BatchFields, recordBatch, type RecordFields } from '../record-batch.ts'

const NOW = BASE_TIMESTAMP
const HOUR_MS = 3_600_000

function verdict(records: Uint8Array | null, config: Record<string, string> = {}) {
  try {
    validateProduceRecords(records, topicConfigFrom(config), NOW)
    return undefined
  } catch (error) {
    if (error instanceof RecordsRefused) return error
    if (error instanceof RequestRefused) return { errorCode: error.errorCode, message: error.message, recordErrors: [] }
    throw error
  }
}

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

describe('a right batch is taken', () => {
  test.each<[string, BatchFields]>([
    ['one record', {}],
    ['null key and value', { records: [{ key: null, value: null }] }],
    ['empty key and value', { records: [{ key: '', value: '' }] }],
    [
      'headers with null and empty values, and a repeated key',
      {
        records: [
          {
            headers: [
              ['h', null],
              ['h', ''],
              ['', 'v'],
            ],
          },
        ],
      },
    ],
    ['a record earlier than the first', { records: [{}, { timestampDelta: -86_400_000 }] }],
    ['a record without timestamp', { baseTimestamp: -1 }],
    ['a timestamp an hour ahead', { baseTimestamp: NOW + HOUR_MS }],
    ['300 records, so that offsets take two bytes', { records: Array.from({ length: 300 }, () => ({ value: 'v' })) }],
    ['an idempotent producer', { producerId: 0n, producerEpoch: 0, baseSequence: 0 }],
  ])('%s', (_, fields) => {
    expect(verdict(recordBatch(fields))).toBeUndefined()
  })
})

describe('a wrong batch is refused with the code Kafka gives', () => {
  const whole = recordBatch()

  test.each<[string, Uint8Array | null, ErrorCode]>([
    ['null', null, ErrorCode.INVALID_RECORD],
    ['no bytes', Buffer.alloc(0), ErrorCode.INVALID_RECORD],
    ['a cut batch', whole.subarray(0, -1), ErrorCode.INVALID_RECORD],
    ['two batches', Buffer.concat([whole, whole]), ErrorCode.INVALID_RECORD],
    ['magic 0', recordBatch({ magic: 0 }), ErrorCode.INVALID_RECORD],
    ['magic 1', recordBatch({ magic: 1 }), ErrorCode.INVALID_RECORD],
    ['magic 3', recordBatch({ magic: 3 }), ErrorCode.CORRUPT_MESSAGE],
    ['magic -1', recordBatch({ magic: -1 }), ErrorCode.CORRUPT_MESSAGE],
    ['a length below any batch', recordBatch({ length: 13 }), ErrorCode.CORRUPT_MESSAGE],
    ['a length below the header', recordBatch({ length: 48 }).subarray(0, 60), ErrorCode.CORRUPT_MESSAGE],
    ['a negative length', recordBatch({ length: -1 }), ErrorCode.CORRUPT_MESSAGE],
    ['a wrong checksum', recordBatch({ crc: 1 }), ErrorCode.CORRUPT_MESSAGE],
    ['a base offset', recordBatch({ baseOffset: 1n }), ErrorCode.INVALID_RECORD],
    ['a negative last offset delta', recordBatch({ lastOffsetDelta: -1 }), ErrorCode.INVALID_RECORD],
    ['a last offset delta beyond the records', recordBatch({ lastOffsetDelta: 1 }), ErrorCode.INVALID_RECORD],
    ['no records', recordBatch({ records: [], maxTimestamp: -1, lastOffsetDelta: 0 }), ErrorCode.INVALID_RECORD],
    ['a negative count', recordBatch({ recordCount: -1 }), ErrorCode.INVALID_RECORD],
    ['more records counted than there', recordBatch({ recordCount: 2, lastOffsetDelta: 1 }), ErrorCode.INVALID_RECORD],
    [
      'fewer records counted than there',
      recordBatch({ records: [{}, {}], recordCount: 1, lastOffsetDelta: 0 }),
      ErrorCode.INVALID_RECORD,
    ],
    ['a control batch', recordBatch({ attributes: 0x20 }), ErrorCode.INVALID_RECORD],
    ['a producer id without sequence', recordBatch({ producerId: 7n, producerEpoch: 0 }), ErrorCode.INVALID_RECORD],
    ['an unknown compression type', recordBatch({ attributes: 5 }), ErrorCode.UNKNOWN_SERVER_ERROR],
    [
      'the broker’s timestamp type without a time',
      recordBatch({ attributes: 8, maxTimestamp: -1 }),
      ErrorCode.INVALID_TIMESTAMP,
    ],
  ])('%s', (_, records, code) => {
    expect(verdict(records)?.errorCode).toBe(code)
  })

  test.each<[string, readonly RecordFields[], string]>([
    ['an offset delta that does not start at 0', [{ offsetDelta: 1 }], 'offset delta 1 at record 0'],
    ['offset deltas with a gap', [{}, { offsetDelta: 2 }], 'offset delta 2 at record 1'],
    ['a record longer than the batch', [{ length: 1000 }], 'a record of 1000 bytes'],
    ['a record of negative length', [{ length: -2 }], 'a record of -2 bytes'],
    ['a record shorter than its fields', [{ value: 'value', length: 5 }], 'a record of 5 bytes ends 6 bytes off'],
    ['bytes behind the last field', [{ body: bytes('0000000101 00 ff') }], 'a record of 7 bytes ends -1 bytes off'],
    ['a value longer than the batch', [{ body: bytes('0000000104') }], 'a field of 2 bytes'],
    ['a value length of -2', [{ body: bytes('0000000103 00') }], 'a field of -2 bytes'],
    ['a header without key', [{ headers: [[null, 'v']] }], 'a header has no key'],
    ['more headers than bytes', [{ body: bytes('0000000101 c801') }], 'the batch ends inside a record'],
    ['a negative header count', [{ body: bytes('0000000101 01') }], '-1 headers'],
    ['a varint that does not end', [{ body: bytes('0000ffffffffffffff') }], 'a varint of more than 5 bytes'],
    ['a varlong that does not end', [{ body: bytes(`00${'ff'.repeat(12)}`) }], 'a varlong of more than 10 bytes'],
    ['an empty record', [{ body: bytes('') }], 'a field of 1 bytes'],
  ])('%s', (_, records, message) => {
    const refused = verdict(recordBatch({ records }))
    expect(refused?.errorCode).toBe(ErrorCode.INVALID_RECORD)
    expect(refused?.message).toContain(message)
  })

  test('a record that hides another one inside it', () => {
    const hidden = bytes('0c 000002010100')
    const hiding = { body: Buffer.concat([bytes('000000010100'), hidden]) }
    expect(verdict(recordBatch({ records: [hiding], recordCount: 2, lastOffsetDelta: 1 }))?.message).toContain('off')
  })

  test('every single flipped bit of the checked part is noticed', () => {
    const batch = recordBatch({ records: [{ key: 'key', value: 'value', headers: [['h', 'v']] }] })
    for (let bit = 21 * 8; bit < batch.length * 8; bit++) {
      const flipped = Buffer.from(batch)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(verdict(flipped)?.errorCode, `bit ${bit}`).toBe(ErrorCode.CORRUPT_MESSAGE)
    }
  })
})

test('a piece of a batch behind the first one is cut off in silence, as Kafka does', () => {
  const whole = recordBatch()
  const withPiece = Buffer.concat([whole, whole.subarray(0, 40)])
  expect(validateProduceRecords(withPiece, topicConfigFrom({}), NOW).bytes).toEqual(whole)
})

describe('max.message.bytes', () => {
  const batch = recordBatch({ records: [{ value: 'x'.repeat(1000) }] })

  test('a batch of exactly that size is taken', () => {
    expect(verdict(batch, { 'max.message.bytes': String(batch.length) })).toBeUndefined()
  })

  test('one byte more is MESSAGE_TOO_LARGE', () => {
    const refused = verdict(batch, { 'max.message.bytes': String(batch.length - 1) })
    expect(refused?.errorCode).toBe(ErrorCode.MESSAGE_TOO_LARGE)
  })
})

describe('records that a topic does not take are named one by one (KIP-467)', () => {
  test('a timestamp more than an hour ahead', () => {
    const records = [{}, { timestampDelta: HOUR_MS + 1 }, {}]
    const refused = verdict(recordBatch({ records }))
    expect(refused?.errorCode).toBe(ErrorCode.INVALID_TIMESTAMP)
    expect(refused?.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([1])
  })

  test('a timestamp older than message.timestamp.before.max.ms', () => {
    const config = { 'message.timestamp.before.max.ms': '1000' }
    expect(verdict(recordBatch({ baseTimestamp: NOW - 1000 }), config)).toBeUndefined()
    expect(verdict(recordBatch({ baseTimestamp: NOW - 1001 }), config)?.errorCode).toBe(ErrorCode.INVALID_TIMESTAMP)
  })

  test('records without key on a compacted topic', () => {
    const refused = verdict(recordBatch({ records: [{}, { key: 'k' }, {}] }), { 'cleanup.policy': 'compact' })
    expect(refused?.errorCode).toBe(ErrorCode.INVALID_RECORD)
    expect(refused?.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([0, 2])
  })

  test('a topic that stamps records itself takes any timestamp', () => {
    const config = { 'message.timestamp.type': 'LogAppendTime' }
    expect(verdict(recordBatch({ baseTimestamp: NOW + 2 * HOUR_MS }), config)).toBeUndefined()
    expect(verdict(recordBatch({ attributes: 8 }), config)?.errorCode).toBe(ErrorCode.INVALID_TIMESTAMP)
  })
})

describe('compressed records', () => {
  const records = [{ value: 'a'.repeat(100) }, { value: 'b'.repeat(100) }]
  const content = recordBatch({ records }).subarray(61)
  const compressed = async (type: CompressionType, change: (bytes: Buffer) => Buffer): Promise<Buffer> => {
    const codec = compressionCodecFor(type)
    return recordBatch({ records, recordBytes: change(await codec.compress([content])), attributes: codec.id })
  }

  test.each(COMPRESSION_TYPES)('of %s are judged as others are', async (type) => {
    expect(verdict(await compressed(type, (bytes) => bytes))).toBeUndefined()
    const codec = compressionCodecFor(type)
    const tooFew = recordBatch({
      records,
      recordBytes: await codec.compress([content]),
      recordCount: 3,
      lastOffsetDelta: 2,
      attributes: codec.id,
    })
    expect(verdict(tooFew)).toMatchObject({ errorCode: ErrorCode.INVALID_RECORD })
  })

  test.each(COMPRESSION_TYPES)('of %s that are damaged are an error of the broker’s, as at Kafka', async (type) => {
    const damaged = await compressed(type, (bytes) => bytes.subarray(0, -5))
    expect(verdict(damaged)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR })
  })
})
