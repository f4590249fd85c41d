import { describe, expect, test } from 'vitest'
import { installedLibraries } from '../src/codec-libraries.ts'
import { type CompressionCodec, compressionCodecFor, decompress } from '../src/index.ts'
import { jsonLines, randomBytes } from './contents.ts'

const content = jsonLines(100_000)

/** As on a runtime whose zlib has no zstd. */
function codecOfLevel(level: number): CompressionCodec {
  return compressionCodecFor('zstd', level, { ...installedLibraries, zlibHasZstd: false })
}

describe('zstd by @mongodb-js/zstd', () => {
  test.each([-131_072, -5, 1, 3, 19])('level %i is read by node:zlib', async (level) => {
    for (const bytes of [content, randomBytes(1000), Buffer.alloc(0)]) {
      const compressed = await codecOfLevel(level).compress([bytes.subarray(0, 7), bytes.subarray(7)])
      expect(decompress('zstd', compressed, { maxBytes: bytes.length }).equals(bytes)).toBe(true)
    }
  })

  // The package's own index.js drops the level.
  test('the level reaches the library', async () => {
    const sizes = await Promise.all(
      [-5, 3, 19].map(async (level) => (await codecOfLevel(level).compress([content])).length),
    )
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    expect(new Set(sizes).size).toBe(3)
  })

  test('it works in the thread pool only, and says so', () => {
    expect(codecOfLevel(3)).toMatchObject({ compressSync: undefined, poolFromBytes: 0 })
  })
})
