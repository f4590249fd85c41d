import { describe, expect, test } from 'vitest'
import { installedLibraries } from '../src/codec-libraries.ts'
import { decompress } from '../src/index.ts'
import { zstdCompressor } from '../src/zstd/zstd-compressor.ts'
import { jsonLines, randomBytes } from './contents.ts'

const content = jsonLines(100_000)

/** As on a runtime whose zlib has no zstd. */
const byLibrary = (level: number) => zstdCompressor(level, installedLibraries, false)

describe('zstd by @mongodb-js/zstd', () => {
  test.each([-131_072, -5, 1, 3, 19])('level %i is read by node:zlib', async (level) => {
    for (const bytes of [content, randomBytes(1000), Buffer.alloc(0)]) {
      const compressed = await byLibrary(level).compress(bytes)
      expect(decompress('zstd', compressed, { maxBytes: bytes.length }).equals(bytes)).toBe(true)
    }
  })

  // The package's own index.js drops the level.
  test('the level reaches the library', async () => {
    const sizes = await Promise.all([-5, 3, 19].map(async (level) => (await byLibrary(level).compress(content)).length))
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    expect(new Set(sizes).size).toBe(3)
  })

  test('it works in the thread pool only, and says so', () => {
    expect(byLibrary(3).compressSync).toBeUndefined()
  })
})
