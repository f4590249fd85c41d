import { beforeEach, describe, expect, test } from 'vitest'
import { COMPRESSION_TYPES, compressionCodecFor, decompress } from '../src/index.ts'
import { jsonLines, randomBytes } from './contents.ts'

/** Nobody ever passes this to a codec, so it must be nowhere in what comes out. */
const CANARY = Buffer.from('<a secret of somebody else>')

/** Leaves the canary wherever memory is handed out anew: Node's pool, and what the allocator gets back. */
function poisonMemory(): void {
  for (let sizeBytes = 64; sizeBytes <= 4 * 1024 * 1024; sizeBytes *= 2) {
    for (let i = 0; i < 8; i++) Buffer.allocUnsafe(sizeBytes).fill(CANARY)
    Buffer.allocUnsafeSlow(sizeBytes).fill(CANARY)
  }
}

/** What is behind the view counts as well: whoever keeps the view keeps it. */
function behind(bytes: Buffer): Buffer {
  return Buffer.from(bytes.buffer)
}

const CONTENTS = [0, 1, 10, 1000, 40_000, 300_000].flatMap((sizeBytes) => [
  jsonLines(sizeBytes),
  randomBytes(sizeBytes),
])

beforeEach(poisonMemory)

describe.each(COMPRESSION_TYPES)('%s', (type) => {
  const codec = compressionCodecFor(type)

  test('gives nothing that it was not given, and what is decompressed has memory of its own', async () => {
    for (const content of CONTENTS) {
      const pieces = [content.subarray(0, 5), content.subarray(5)]
      const given = [
        codec.compressSync?.([content]),
        codec.compressSync?.(pieces),
        await codec.compress([content]),
        await codec.compress(pieces),
      ]
      for (const compressed of given) {
        if (compressed === undefined) throw new Error(`${type} cannot compress on this thread`)
        const decompressed = decompress(type, compressed, { maxBytes: content.length })
        expect(compressed.includes(CANARY)).toBe(false)
        expect(behind(decompressed).length).toBe(decompressed.length)
        expect(behind(decompressed).includes(CANARY)).toBe(false)
      }
    }
  })

  test('reads a piece that is part of something larger', async () => {
    const larger = Buffer.concat([CANARY, jsonLines(500), CANARY])
    const piece = new Uint8Array(larger.buffer, larger.byteOffset + CANARY.length, 500)
    for (const compressed of [codec.compressSync?.([piece]), await codec.compress([piece])]) {
      const around = Buffer.concat([CANARY, compressed ?? Buffer.alloc(0), CANARY])
      const part = new Uint8Array(around.buffer, around.byteOffset + CANARY.length, around.length - 2 * CANARY.length)
      expect(decompress(type, part, { maxBytes: 500 }).equals(jsonLines(500))).toBe(true)
    }
  })

  test('two results at a time share nothing', async () => {
    const [first, second] = await Promise.all([codec.compress([jsonLines(2000)]), codec.compress([jsonLines(3000)])])
    expect(decompress(type, first, { maxBytes: 2000 }).equals(jsonLines(2000))).toBe(true)
    expect(decompress(type, second, { maxBytes: 3000 }).equals(jsonLines(3000))).toBe(true)
  })

  test.each([
    ['one piece', [jsonLines(5000)]],
    ['several pieces', [jsonLines(2000), jsonLines(3000)]],
  ])('%s may change as soon as the call is over', async (_what, pieces) => {
    const given = pieces.map((piece) => Buffer.from(piece))
    const compressing = codec.compress(given)
    for (const piece of given) piece.fill(0)
    expect(decompress(type, await compressing, { maxBytes: 5000 }).equals(Buffer.concat(pieces))).toBe(true)
  })

  test('many batches at a time, of all sizes, are compressed each for itself', async () => {
    const contents = [...CONTENTS, ...CONTENTS.toReversed(), jsonLines(5_000_000)]
    const compressed = await Promise.all(contents.map((content) => codec.compress([content])))
    for (const [index, content] of contents.entries()) {
      const bytes = compressed[index] ?? Buffer.alloc(0)
      expect(decompress(type, bytes, { maxBytes: content.length }).equals(content)).toBe(true)
    }
  })
})
