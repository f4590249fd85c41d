import { afterEach, describe, expect, test } from 'vitest'
import { installedLibraries } from '../src/codec-libraries.ts'
import { COMPRESSION_TYPES, compressionCodecFor, decompress } from '../src/index.ts'
import { jsonLines, randomBytes } from './contents.ts'

const SIZES = [0, 1, 10, 1000, 3000, 5000, 40_000, 300_000]
const USUAL_POOL_BYTES = Buffer.poolSize

const codecs = [
  ...COMPRESSION_TYPES.map((type) => [type, compressionCodecFor(type)] as const),
  [
    'zstd by @mongodb-js/zstd',
    compressionCodecFor('zstd', undefined, { ...installedLibraries, zlibHasZstd: false }),
  ] as const,
]

afterEach(() => {
  Buffer.poolSize = USUAL_POOL_BYTES
})

describe.each(codecs)('%s', (_name, codec) => {
  test.each([USUAL_POOL_BYTES, 1024 * 1024])(
    'what is freed has no byte left, and takes nothing else with it (a pool of %i bytes)',
    async (poolBytes) => {
      Buffer.poolSize = poolBytes
      for (const size of SIZES) {
        for (const content of [jsonLines(size), randomBytes(size)]) {
          const before = Buffer.from('something in the pool')
          const freed = await codec.compress([content])
          const other = await codec.compress([content])
          const after = Buffer.from('something more in the pool')
          codec.free(freed)
          expect(freed).toHaveLength(0)
          expect(decompress(codec.type, other, { maxBytes: size }).equals(content), `${size} bytes`).toBe(true)
          expect([before, after].map(String)).toEqual(['something in the pool', 'something more in the pool'])
          expect(Buffer.from('pooled still').toString()).toBe('pooled still')
        }
      }
    },
  )

  test('what it did not give is not freed, nor what was freed before', async () => {
    const content = jsonLines(1000)
    codec.free(content)
    expect(content).toHaveLength(1000)
    const compressed = await codec.compress([content])
    codec.free(compressed)
    expect(() => codec.free(compressed)).not.toThrow()
    expect(content.equals(jsonLines(1000))).toBe(true)
  })
})
