import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  COMPRESSION_TYPES,
  compressionCodecFor,
  CompressionError,
  type CompressionType,
  decompress,
} from '../src/index.ts'
import { jsonLines, randomBytes } from './contents.ts'
import { errorOf } from './error-of.ts'

const ROOM = { maxBytes: 1_000_000 }
const content = Buffer.concat([jsonLines(700), randomBytes(100), Buffer.alloc(1000)])
const compressedByType: ReadonlyMap<CompressionType, Buffer> = new Map(
  await Promise.all(
    COMPRESSION_TYPES.map(async (type) => [type, await compressionCodecFor(type).compress([content])] as const),
  ),
)

describe.each(COMPRESSION_TYPES)('%s', (type) => {
  const compressed = compressedByType.get(type) ?? Buffer.alloc(0)

  test('nothing is no compressed bytes', () => {
    expect(errorOf(() => decompress(type, Buffer.alloc(0), ROOM))).toMatchObject({ code: 'TRUNCATED' })
  })

  test('a cut is an error, wherever it is', () => {
    for (let length = 0; length < compressed.length; length++) {
      // Snappy's framing has no end: its header alone is a batch of nothing.
      if (type === 'snappy' && length === 16) continue
      const error = errorOf(() => decompress(type, compressed.subarray(0, length), ROOM))
      expect(error, `cut at ${length}`).toBeInstanceOf(CompressionError)
    }
  })

  test('a flipped bit gives an error, or bytes within the limit', () => {
    const found = { errors: 0, contents: 0 }
    for (let bit = 0; bit < compressed.length * 8; bit++) {
      const bytes = Buffer.from(compressed)
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      const error = errorOf(() => {
        expect(decompress(type, bytes, ROOM).length).toBeLessThanOrEqual(ROOM.maxBytes)
        found.contents += 1
      })
      if (error === undefined) continue
      found.errors += 1
      expect(error, `bit ${bit}`).toBeInstanceOf(CompressionError)
    }
    expect(found.errors).toBeGreaterThan(0)
    // A checksum finds all but what does not matter: time, system and the like in gzip's header.
    if (type === 'gzip') expect(found.contents).toBeLessThan(10 * 8)
  })

  test.each([
    ['a zero', Buffer.alloc(1)],
    ['zeros', Buffer.alloc(4)],
    ['other bytes', Buffer.from('more')],
  ])('%s after the end are an error', (_, more) => {
    const error = errorOf(() => decompress(type, Buffer.concat([compressed, more]), ROOM))
    expect(error).toBeInstanceOf(CompressionError)
    if (type === 'lz4' || type === 'zstd') expect(error).toMatchObject({ code: 'TRAILING_BYTES' })
  })

  test('garbage is an error', () => {
    for (let seed = 1; seed < 200; seed++) {
      const error = errorOf(() => decompress(type, randomBytes(seed, seed), ROOM))
      expect(error, `seed ${seed}`).toBeInstanceOf(CompressionError)
    }
  })

  test('the limit is what may come out, to the byte', () => {
    expect(decompress(type, compressed, { maxBytes: content.length }).equals(content)).toBe(true)
    expect(errorOf(() => decompress(type, compressed, { maxBytes: content.length - 1 }))).toMatchObject({
      code: 'TOO_LARGE',
    })
    expect(errorOf(() => decompress(type, compressed, { maxBytes: 0 }))).toMatchObject({ code: 'TOO_LARGE' })
  })

  test('nothing is all that comes out within a limit of nothing', async () => {
    const codec = compressionCodecFor(type)
    expect(decompress(type, await codec.compress([]), { maxBytes: 0 }).length).toBe(0)
    const oneByte = await codec.compress([Buffer.of(7)])
    expect(errorOf(() => decompress(type, oneByte, { maxBytes: 0 }))).toMatchObject({ code: 'TOO_LARGE' })
  })

  test('the ratio is a limit as well', () => {
    const ratio = content.length / compressed.length
    expect(decompress(type, compressed, { maxBytes: Infinity, maxRatio: ratio * 1.01 }).equals(content)).toBe(true)
    expect(errorOf(() => decompress(type, compressed, { maxBytes: Infinity, maxRatio: ratio * 0.99 }))).toMatchObject({
      code: 'TOO_LARGE',
    })
  })

  test('a bomb is refused, and takes no more memory than is allowed', async () => {
    const bomb = await compressionCodecFor(type).compress([Buffer.alloc(64 * 1024 * 1024)])
    const startedBytes = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 20; i++) {
      expect(errorOf(() => decompress(type, bomb, ROOM))).toMatchObject({ code: 'TOO_LARGE' })
    }
    // 20 times the limit and a chunk, collected or not, where 64 MiB would come out each time.
    expect(process.memoryUsage().arrayBuffers - startedBytes).toBeLessThan(40 * 1024 * 1024)
  })

  test.each([{ maxBytes: -1 }, { maxBytes: Number.NaN }, { maxBytes: 1, maxRatio: 0 }])('%o is no limit', (limits) => {
    expect(errorOf(() => decompress(type, compressed, limits))).toBeInstanceOf(RangeError)
  })

  test('what is given is not changed', () => {
    const given = Buffer.from(compressed)
    decompress(type, given, ROOM)
    expect(given.equals(compressed)).toBe(true)
  })
})

test('gzip of several members is one content', () => {
  const members = Buffer.concat([gzipSync('one '), gzipSync('two')])
  expect(decompress('gzip', members, ROOM).toString()).toBe('one two')
})

test('zeros after gzip are told as what they are', () => {
  const padded = Buffer.concat([gzipSync('one'), Buffer.alloc(3)])
  expect(errorOf(() => decompress('gzip', padded, ROOM))).toMatchObject({
    code: 'TRAILING_BYTES',
    message: '3 bytes follow the gzip data',
  })
})
