import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { compressionCodecFor, decompress } from '../src/index.ts'

/** Room is learned: after these an output of a kilobyte just fits, or just does not. */
const COMPRESSIBLE = Array.from({ length: 40 }, () => Buffer.alloc(20_000))

describe('zstd by Node, however little room there was for the output, writes one frame and nothing behind it', () => {
  const sizes = Array.from({ length: 120 }, (_, index) => 950 + index)

  test('on the calling thread', () => {
    const { compressSync } = compressionCodecFor('zstd')
    if (compressSync === undefined) throw new Error('this Node has no zstd')
    for (const bytes of COMPRESSIBLE) compressSync([bytes])
    for (const size of sizes) {
      for (const bytes of [randomBytes(size), randomBytes(2 * size)]) {
        expect(read(compressSync([bytes])), `${size} bytes`).toEqual(bytes)
        for (const again of COMPRESSIBLE.slice(0, 20)) compressSync([again])
      }
    }
  })

  test('in the thread pool', async () => {
    const codec = compressionCodecFor('zstd')
    for (const bytes of COMPRESSIBLE) await codec.compress([bytes])
    for (const size of sizes) {
      const bytes = randomBytes(size)
      expect(read(await codec.compress([bytes])), `${size} bytes`).toEqual(bytes)
      for (const again of COMPRESSIBLE.slice(0, 20)) await codec.compress([again])
    }
  })
})

/** Refuses whatever follows the frame. */
function read(compressed: Buffer): Buffer {
  return Buffer.from(decompress('zstd', compressed, { maxBytes: 10_000 }))
}
