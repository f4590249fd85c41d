import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { compressionCodecFor, decompress } from '../src/index.ts'

const CODECS = ['gzip', 'zstd'] as const

const EMPTY_FRAME = Buffer.from('28b52ffd2000010000', 'hex')

/** Room is learned: after these an output of a kilobyte just fits, or just does not. */
const COMPRESSIBLE = Array.from({ length: 40 }, () => Buffer.alloc(20_000))

describe('zlib, however little room there was for the output, writes one frame and nothing behind it', () => {
  const sizes = Array.from({ length: 120 }, (_, index) => 950 + index)

  test.each(CODECS)('%s on the calling thread', (name) => {
    const { compressSync } = compressionCodecFor(name)
    if (compressSync === undefined) throw new Error(`this Node has no ${name}`)
    for (const bytes of COMPRESSIBLE) compressSync([bytes])
    for (const size of sizes) {
      for (const bytes of [randomBytes(size), randomBytes(2 * size)]) {
        expect(read(name, compressSync([bytes])), `${size} bytes`).toEqual(bytes)
        for (const again of COMPRESSIBLE.slice(0, 20)) compressSync([again])
      }
    }
  })

  test.each(CODECS)('%s in the thread pool', async (name) => {
    const codec = compressionCodecFor(name)
    for (const bytes of COMPRESSIBLE) await codec.compress([bytes])
    for (const size of sizes) {
      const bytes = randomBytes(size)
      expect(read(name, await codec.compress([bytes])), `${size} bytes`).toEqual(bytes)
      for (const again of COMPRESSIBLE.slice(0, 20)) await codec.compress([again])
    }
  })
})

test.each(['on the calling thread', 'in the thread pool'])(
  'content that ends as an empty zstd frame does keeps its end, %s',
  async (where) => {
    const codec = compressionCodecFor('zstd')
    const compress = async (bytes: Buffer): Promise<Buffer> =>
      where === 'in the thread pool' ? codec.compress([bytes]) : (codec.compressSync?.([bytes]) ?? Buffer.alloc(0))
    for (const bytes of COMPRESSIBLE) await compress(bytes)
    for (let size = 950; size < 1100; size++) {
      const bytes = Buffer.concat([randomBytes(size - EMPTY_FRAME.length), EMPTY_FRAME])
      expect(read('zstd', await compress(bytes)), `${size} bytes`).toEqual(bytes)
      for (const again of COMPRESSIBLE.slice(0, 20)) await compress(again)
    }
  },
)

/** Refuses whatever follows the frame. */
function read(name: (typeof CODECS)[number], compressed: Buffer): Buffer {
  return Buffer.from(decompress(name, compressed, { maxBytes: 10_000 }))
}
