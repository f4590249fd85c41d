import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Compression, crc32c, ProtocolError, readRecordBatches, type RecordBatch } from '../../src/index.ts'
import { goldenLines } from '../golden-vectors.ts'

interface GoldenBatch {
  readonly name: string
  readonly compression: Compression
  readonly lastOffset: string
  readonly records: readonly {
    readonly key: string | null
    readonly value: string | null
    readonly headers: readonly (readonly [string, string | null])[]
  }[]
  readonly bytes: string
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what test/java/GoldenRecordBatches.java writes
const golden = goldenLines('record-batches.jsonl') as GoldenBatch[]

const bytesOf = (name: string): Buffer => {
  const found = golden.find((batch) => batch.name === name)
  if (found === undefined) throw new Error(`no golden batch '${name}'`)
  return Buffer.from(found.bytes, 'base64')
}

/** Changes a batch and makes its checksum right again, as a hostile peer can. */
const forged = (bytes: Buffer, change: (bytes: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes)
  change(copy)
  copy.writeUInt32BE(crc32c(copy.subarray(21)), 17)
  return copy
}

const failsWith = (code: string): unknown => expect.objectContaining({ name: 'ProtocolError', code })

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('base64')

/** A batch as the Java program describes it. */
function described(batch: RecordBatch): unknown {
  const { attributes: _1, baseTimestamp: _2, lastOffsetDelta, records, ...rest } = batch
  return {
    ...rest,
    baseOffset: String(batch.baseOffset),
    lastOffset: String(batch.baseOffset + BigInt(lastOffsetDelta)),
    maxTimestamp: String(batch.maxTimestamp),
    producerId: String(batch.producerId),
    records: records.map(({ offset, timestamp, key, value, headers }) => ({
      offset: String(offset),
      timestamp: String(timestamp),
      key: base64(key),
      value: base64(value),
      headers: headers.map(([name, content]) => [name, base64(content)]),
    })),
  }
}

function decompress(compression: Exclude<Compression, 'none'>, bytes: Uint8Array): Uint8Array {
  if (compression === 'gzip') return gunzipSync(bytes)
  if (compression === 'zstd') return zstdDecompressSync(bytes)
  throw new Error(`${compression} belongs to @linger/compression`)
}

describe('readRecordBatches', () => {
  const readable = golden.filter(({ compression }) => compression !== 'snappy' && compression !== 'lz4')

  test.each(readable.map((batch) => [batch.name, batch] as const))('reads what Kafka wrote: %s', (_name, batch) => {
    const [read, ...others] = readRecordBatches(Buffer.from(batch.bytes, 'base64'), { decompress })
    if (read === undefined) throw new Error('nothing was read')
    const { name: _1, bytes: _2, ...expected } = batch
    expect(described(read)).toEqual(expected)
    expect(others).toEqual([])
  })

  test('reads batches one after the other', () => {
    const bytes = Buffer.concat([bytesOf('plain'), bytesOf('control'), bytesOf('idempotent')])
    expect(readRecordBatches(bytes).map(({ baseOffset, isControl }) => [baseOffset, isControl])).toEqual([
      [0n, false],
      [77n, true],
      [1_099_511_627_776n, false],
    ])
    expect(readRecordBatches(new Uint8Array(0))).toEqual([])
  })

  test('a last batch that is cut is refused, or skipped if the caller says so', () => {
    const whole = bytesOf('transactional')
    const bytes = Buffer.concat([bytesOf('plain'), whole])
    for (let cut = bytes.length - whole.length + 1; cut < bytes.length; cut++) {
      const part = bytes.subarray(0, cut)
      expect(() => readRecordBatches(part), `cut at ${cut}`).toThrow(failsWith('TRUNCATED'))
      expect(readRecordBatches(part, { cutLastBatch: 'skip' }), `cut at ${cut}`).toHaveLength(1)
    }
  })

  test('any flipped bit behind the checksum is found', () => {
    const whole = bytesOf('plain')
    for (let at = 17; at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at)
      expect(() => readRecordBatches(bytes), `byte ${at}`).toThrow(failsWith('CORRUPT'))
    }
  })

  test.each<[string, string, (bytes: Buffer) => void]>([
    ['another magic', 'UNSUPPORTED_VERSION', (bytes) => bytes.writeInt8(1, 16)],
    ['a length shorter than a header', 'INVALID_LENGTH', (bytes) => bytes.writeInt32BE(48, 8)],
    ['a negative length', 'INVALID_LENGTH', (bytes) => bytes.writeInt32BE(-1, 8)],
    ['the longest length', 'TRUNCATED', (bytes) => bytes.writeInt32BE(0x7fff_ffff, 8)],
    ['the largest count', 'TRUNCATED', (bytes) => bytes.writeInt32BE(0x7fff_ffff, 57)],
    ['a negative count', 'INVALID_LENGTH', (bytes) => bytes.writeInt32BE(-1, 57)],
    ['fewer records than bytes', 'TRAILING_BYTES', (bytes) => bytes.writeInt32BE(1, 57)],
    ['a compression that is none of Kafka', 'INVALID_VALUE', (bytes) => bytes.writeInt16BE(5, 21)],
    ['a record longer than it is', 'INVALID_LENGTH', (bytes) => bytes.writeUInt8(bytes.readUInt8(61) + 2, 61)],
    ['a negative key size other than null', 'INVALID_LENGTH', (bytes) => bytes.writeUInt8(3, 65)],
  ])('%s is %s', (_what, code, change) => {
    expect(() => readRecordBatches(forged(bytesOf('transactional'), change))).toThrow(failsWith(code))
  })

  test('whatever byte a hostile peer sets under a right checksum, the answer is a batch or a typed error', () => {
    const whole = bytesOf('plain')
    for (let at = 21; at < whole.length; at++) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff]) {
        const bytes = forged(whole, (copy) => copy.writeUInt8(value, at))
        try {
          readRecordBatches(bytes)
        } catch (error) {
          if (!(error instanceof ProtocolError)) expect.fail(`byte ${at} as ${value}: ${String(error)}`)
        }
      }
    }
  })

  test('a compressed batch needs a way to decompress it', () => {
    expect(() => readRecordBatches(bytesOf('snappy'))).toThrow(failsWith('INVALID_VALUE'))
  })

  test('bytes that do not decompress are corrupt, with the reason', () => {
    const bytes = forged(bytesOf('gzip'), (copy) => copy.writeUInt8(0, 61))
    expect(() => readRecordBatches(bytes, { decompress })).toThrow(
      expect.objectContaining({ code: 'CORRUPT', cause: expect.any(Error) as unknown }),
    )
  })

  test('gives views of the bytes, not copies', () => {
    const bytes = bytesOf('plain')
    const value = readRecordBatches(bytes)[0]?.records[0]?.value
    expect(value?.buffer).toBe(bytes.buffer)
  })
})
