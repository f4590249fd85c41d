import { constants, zstdCompressSync, type ZstdOptions } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decompress } from '../src/index.ts'
import { walkZstdFrame } from '../src/zstd/zstd-frame.ts'
import { jsonLines, randomBytes } from './contents.ts'
import { errorOf } from './error-of.ts'

const withoutSize: ZstdOptions = { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } }
const withChecksum: ZstdOptions = { params: { [constants.ZSTD_c_checksumFlag]: 1 } }

describe('a zstd frame', () => {
  // The header has the size in 1, 2, 4 bytes by its value.
  test.each([0, 1, 255, 256, 65_791, 65_792, 300_000])('of %i bytes is known to its end', (sizeBytes) => {
    for (const content of [jsonLines(sizeBytes), randomBytes(sizeBytes), Buffer.alloc(sizeBytes)]) {
      const frame = zstdCompressSync(content, { pledgedSrcSize: sizeBytes })
      expect(walkZstdFrame(frame)).toMatchObject({ contentBytes: sizeBytes, frameBytes: frame.length })
      const followed = Buffer.concat([frame, randomBytes(9)])
      expect(walkZstdFrame(followed).frameBytes).toBe(frame.length)
    }
  })

  test('with a checksum ends after it', () => {
    const frame = zstdCompressSync(jsonLines(1000), withChecksum)
    expect(walkZstdFrame(frame).frameBytes).toBe(frame.length)
    frame.writeUInt8(frame.readUInt8(frame.length - 1) ^ 1, frame.length - 1)
    expect(errorOf(() => decompress('zstd', frame, { maxBytes: 1000 }))).toMatchObject({ code: 'CORRUPT' })
  })

  test('that does not tell its size is bounded while it comes out', () => {
    const frame = zstdCompressSync(Buffer.alloc(1_000_000), withoutSize)
    expect(walkZstdFrame(frame).contentBytes).toBeUndefined()
    expect(decompress('zstd', frame, { maxBytes: 1_000_000 }).length).toBe(1_000_000)
    expect(errorOf(() => decompress('zstd', frame, { maxBytes: 999_999 }))).toMatchObject({ code: 'TOO_LARGE' })
  })

  test('that was made with a dictionary is refused', () => {
    const frame = Buffer.from('28b52ffd 21 07 00 010000'.replaceAll(' ', ''), 'hex')
    expect(errorOf(() => decompress('zstd', frame, { maxBytes: 10 }))).toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('with a window of more than 128 MiB is refused', () => {
    const frame = Buffer.from('28b52ffd00 88 190000616263'.replaceAll(' ', ''), 'hex')
    expect(decompress('zstd', frame, { maxBytes: 10 }).toString()).toBe('abc')
    frame.writeUInt8(0x89, 5)
    expect(errorOf(() => decompress('zstd', frame, { maxBytes: 10 }))).toMatchObject({ code: 'UNSUPPORTED' })
  })

  test.each([
    ['another magic', '28b52ffe2000010000'],
    ['the reserved bit', '28b52ffd2800010000'],
    ['a block of the reserved type', '28b52ffd2000070000'],
  ])('with %s is corrupt', (_, hex) => {
    expect(errorOf(() => decompress('zstd', Buffer.from(hex, 'hex'), { maxBytes: 10 }))).toMatchObject({
      code: 'CORRUPT',
    })
  })

  test('that promises 2^60 bytes is refused for that', () => {
    const frame = Buffer.from('28b52ffde00000000000000010010000', 'hex')
    expect(errorOf(() => decompress('zstd', frame, { maxBytes: 1_000_000 }))).toMatchObject({ code: 'TOO_LARGE' })
  })
})
