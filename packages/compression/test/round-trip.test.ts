import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { COMPRESSION_TYPES, compressionCodecFor, type CompressionType, decompress } from '../src/index.ts'
import { jsonLines, randomBytes } from './contents.ts'

/** The edges of what the formats count in: snappy's and lz4's blocks, zstd's sizes. */
const SIZES_BYTES = [0, 1, 15, 255, 256, 257, 32_768, 65_535, 65_536, 65_537, 131_073, 262_145]
const LARGE_BYTES = 10 * 1024 * 1024

const WAYS: readonly (readonly [name: string, type: CompressionType, level: number | undefined])[] = [
  ...COMPRESSION_TYPES.map((type) => [type, type, undefined] as const),
  ['gzip 1', 'gzip', 1],
  ['gzip 9', 'gzip', 9],
  ['zstd -5', 'zstd', -5],
  ['zstd 19', 'zstd', 19],
]

describe.each(WAYS)('%s', (_, type, level) => {
  const codec = compressionCodecFor(type, level)

  test.each(level === undefined ? [...SIZES_BYTES, LARGE_BYTES] : SIZES_BYTES)(
    '%i bytes come back as they were',
    async (sizeBytes) => {
      for (const content of [jsonLines(sizeBytes), randomBytes(sizeBytes)]) {
        const compressed = await codec.compress([content])
        expect(decompress(type, compressed, { maxBytes: sizeBytes }).equals(content)).toBe(true)
      }
    },
  )

  test('in the thread pool and outside come the same bytes', async () => {
    const content = jsonLines(50_000)
    expect(codec.compressSync?.([content]).equals(await codec.compress([content]))).toBe(true)
  })

  test('JSON becomes less than half, random bytes hardly more', async () => {
    const json = await codec.compress([jsonLines(100_000)])
    const random = await codec.compress([randomBytes(100_000)])
    expect(json.length).toBeLessThan(50_000)
    expect(random.length).toBeLessThan(100_300)
  })

  property.prop([fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 })])(
    'pieces are compressed as one',
    async (pieces) => {
      const compressed = await codec.compress(pieces)
      const content = decompress(type, compressed, { maxBytes: 2000 })
      expect(content.equals(Buffer.concat(pieces))).toBe(true)
    },
  )

  property.prop([fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat({ max: 400 })))])(
    'repeated words come back as they were',
    async (words) => {
      const content = Buffer.concat(words.flatMap(([word, count]) => Array.from({ length: count }, () => word)))
      const compressed = await codec.compress([content])
      expect(decompress(type, compressed, { maxBytes: content.length }).equals(content)).toBe(true)
    },
  )
})
