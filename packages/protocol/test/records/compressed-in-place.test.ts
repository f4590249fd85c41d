import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import {
  BATCH_HEADER_BYTES,
  NO_HEADERS,
  NOT_IDEMPOTENT,
  readRecordBatches,
  RecordBatchWriter,
} from '../../src/index.ts'

const VALUE = Buffer.alloc(20, 'v')

/** A writer whose records fill buffers of these sizes. */
function filled(bufferSizes: readonly number[]): { writer: RecordBatchWriter; buffers: readonly Buffer[] } {
  const buffers = bufferSizes.map((size) => Buffer.alloc(size))
  const [first = Buffer.alloc(0), ...rest] = buffers
  const writer = new RecordBatchWriter(first)
  const fill = (): void => {
    while (writer.tryAppend(1, null, VALUE, NO_HEADERS) === 0);
  }
  fill()
  for (const buffer of rest) {
    writer.extend(buffer)
    fill()
  }
  return { writer, buffers }
}

describe('records that are compressed', () => {
  const sizes = fc.array(fc.integer({ min: 100, max: 400 }), { minLength: 1, maxLength: 5 })

  test.prop([sizes, fc.double({ min: 0, max: 1, noNaN: true })])(
    'take the place of the records, and leave the buffers that they do not need',
    (bufferSizes, share) => {
      const { writer, buffers } = filled(bufferSizes)
      const rawLength = writer.length
      const compressed = Buffer.alloc(Math.max(1, Math.floor((rawLength - BATCH_HEADER_BYTES) * share)), 'c')
      const records = Buffer.concat(writer.recordPieces())
      const left = writer.compress(4, compressed)

      const bytes = Buffer.concat(writer.seal(NOT_IDEMPOTENT))
      expect(bytes.subarray(BATCH_HEADER_BYTES).equals(compressed)).toBe(true)
      expect([writer.wireLength, writer.length]).toEqual([bytes.length, rawLength])
      const [batch] = readRecordBatches(bytes, { decompress: () => records })
      expect(batch?.records).toHaveLength(writer.recordCount)

      const kept = writer.takeBuffers()
      expect([...kept, ...left]).toEqual(buffers)
      expect(kept.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThanOrEqual(bytes.length)
      expect(writer.takeBuffers()).toEqual([])
    },
  )

  test('may be sealed again, and only the seal differs', () => {
    const { writer } = filled([200, 300])
    writer.compress(3, Buffer.alloc(250, 'c'))
    const first = Buffer.concat(writer.seal(NOT_IDEMPOTENT))
    const second = Buffer.concat(writer.seal({ ...NOT_IDEMPOTENT, producerId: 7n, producerEpoch: 1, baseSequence: 5 }))
    expect(second.subarray(BATCH_HEADER_BYTES).equals(first.subarray(BATCH_HEADER_BYTES))).toBe(true)
    expect(second.readBigInt64BE(43)).toBe(7n)
    expect(second.readInt16BE(21)).toBe(3)
  })

  test('may be sealed anew while somebody holds them as they were', () => {
    const { writer } = filled([200, 300])
    writer.compress(3, Buffer.alloc(250, 'c'))
    const held = writer.seal(NOT_IDEMPOTENT)
    const before = Buffer.concat(held)
    const anew = Buffer.concat(
      writer.sealAnew({ ...NOT_IDEMPOTENT, producerId: 7n, producerEpoch: 1, baseSequence: 5 }),
    )
    expect(Buffer.concat(held).equals(before)).toBe(true)
    const elsewhere = filled([200, 300]).writer
    elsewhere.compress(3, Buffer.alloc(250, 'c'))
    const expected = Buffer.concat(
      elsewhere.seal({ ...NOT_IDEMPOTENT, producerId: 7n, producerEpoch: 1, baseSequence: 5 }),
    )
    expect(anew.equals(expected)).toBe(true)
  })

  test('must not be longer than there is room', () => {
    const { writer } = filled([200])
    expect(() => writer.compress(1, Buffer.alloc(200))).toThrow('longer than the records')
  })
})
