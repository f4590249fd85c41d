import { createHash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { installedLibraries } from '../src/codec-libraries.ts'
import { CompressionError } from '../src/index.ts'
import { decompressZstd } from '../src/zstd/decompress-zstd.ts'
import { jsonLines, nextRandom, randomBytes } from './contents.ts'
import { errorOf } from './error-of.ts'
import { javaLines, librdkafkaLines } from './golden-lines.ts'

/** As on a runtime whose zlib has no zstd. */
function decode(bytes: Buffer, maxBytes: number): Buffer {
  return decompressZstd(bytes, maxBytes, false)
}

const CONTENTS: readonly (readonly [name: string, content: Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.of(7)],
  ['a few lines', jsonLines(300)],
  ['lines for one block', jsonLines(100_000)],
  ['lines for several blocks', jsonLines(300_000)],
  ['random bytes', randomBytes(150_000)],
  ['a run', Buffer.alloc(300_000, 'x')],
  ['lines with random bytes between', Buffer.concat([jsonLines(3000), randomBytes(3000), jsonLines(9000)])],
  ['few letters', Buffer.from(randomBytes(50_000).map((byte) => 97 + (byte & 3)))],
  ['two letters, one of them rare', Buffer.from(randomBytes(50_000).map((byte) => (byte === 0 ? 1 : 2)))],
]

/** What is damaged has all kinds of blocks, literals and tables. */
const DAMAGED: readonly Buffer[] = [
  jsonLines(300),
  jsonLines(3000),
  Buffer.alloc(3000),
  randomBytes(100),
  Buffer.from(randomBytes(2000).map((byte) => 97 + (byte & 3))),
]

const LEVELS = [-131_072, -5, 1, 3, 9, 19]

describe('the zstd decoder for runtimes without one', () => {
  test.each(CONTENTS)('reads %s, at each level, with and without a size', (_, content) => {
    for (const level of LEVELS) {
      for (const contentSizeFlag of [0, 1]) {
        const params = {
          [constants.ZSTD_c_compressionLevel]: level,
          [constants.ZSTD_c_contentSizeFlag]: contentSizeFlag,
        }
        const frame = zstdCompressSync(content, { params })
        expect(decode(frame, content.length).equals(content), `level ${level}`).toBe(true)
      }
    }
  })

  test.each(javaLines().filter(({ type }) => type === 'zstd'))('reads what Java wrote: $name', (line) => {
    const content = decode(line.bytes, line.sizeBytes)
    expect(createHash('sha256').update(content).digest('hex')).toBe(line.sha256)
  })

  test('reads what librdkafka wrote', () => {
    for (const { bytes } of librdkafkaLines().filter(({ type }) => type === 'zstd')) {
      expect(decode(bytes, 1_000_000).equals(decompressZstd(bytes, 1_000_000, true))).toBe(true)
    }
  })

  test('reads what @mongodb-js/zstd wrote', async () => {
    const content = jsonLines(100_000)
    for (const level of [-5, 3, 19]) {
      const frame = Buffer.from(await installedLibraries.zstd().compress(content, level))
      expect(decode(frame, content.length).equals(content)).toBe(true)
    }
  })

  test('never reads what node:zlib refuses, nor gives other bytes, whatever is damaged', () => {
    let state = 20_261_121
    const random = (): number => (state = nextRandom(state)) >>> 0
    const frames = DAMAGED.flatMap((content) =>
      [-5, 1, 3, 19].map((level) => {
        // Without a size nothing but its own form tells whether a block is right.
        const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_contentSizeFlag]: 0 }
        return zstdCompressSync(content, { params })
      }),
    )
    const found = { same: 0, refused: 0 }
    for (let round = 0; round < 10_000; round++) {
      const bytes = Buffer.from(frames[random() % frames.length] ?? Buffer.alloc(0))
      bytes.writeUInt8(random() & 0xff, 4 + (random() % Math.min(60, bytes.length - 4)))
      const ours = outcomeOf(() => decode(bytes, 100_000))
      const zlibs = outcomeOf(() => decompressZstd(bytes, 100_000, true))
      if (ours instanceof Error) found.refused += 1
      else {
        expect(zlibs, bytes.toString('hex')).not.toBeInstanceOf(Error)
        expect(zlibs instanceof Error || ours.equals(zlibs), bytes.toString('hex')).toBe(true)
        found.same += 1
      }
    }
    expect(found.same).toBeGreaterThan(1000)
    expect(found.refused).toBeGreaterThan(1000)
  })

  test('stops at the limit, to the byte, where the frame does not tell its size', () => {
    const frame = zstdCompressSync(jsonLines(300_000), { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } })
    expect(decode(frame, 300_000).length).toBe(300_000)
    expect(errorOf(() => decode(frame, 299_999))).toMatchObject({ code: 'TOO_LARGE' })
  })

  test.each([
    ['28b52ffd2003 190000 616263', 'three bytes as they are'],
    ['28b52ffd2003 1b0000 61', 'a run of three'],
  ])('reads a block by hand: %s is %s', (hex) => {
    const text = hex.includes('616263') ? 'abc' : 'aaa'
    expect(decode(fromHex(hex), 3).toString()).toBe(text)
  })

  test.each([
    ['less than it says', '28b52ffd2004 190000 616263'],
    ['more than it says', '28b52ffd2002 190000 616263'],
    ['a block of more than 128 KiB', '28b52ffda001000200 0b0010 61'],
    ['a block without literals', '28b52ffd2003 050000'],
    ['literals that do not fit', '28b52ffd2003 150000 f800'],
    ['literals by a table that was never there', '28b52ffd2003 2d0000 1310000000'],
    ['no sequences', '28b52ffd2003 250000 18616263'],
    ['bytes after no sequences', '28b52ffd2003 350000 186162630000'],
    ['the reserved bits of sequences', '28b52ffd2003 350000 186162630101'],
    ['sequences by tables that were never there', '28b52ffd2003 3d0000 18616263 01fc01'],
  ])('refuses %s', (_, hex) => {
    expect(errorOf(() => decode(fromHex(hex), 1_000_000))).toMatchObject({ code: 'CORRUPT' })
  })

  // The three codes of a sequence are the same throughout: literal length, offset, match length. Then their bits.
  test.each([
    ['three literals and a match of the last offset, 1', '18616263 01 54 030000 01', 'abcccc'],
    ['a match two back', '18616263 01 54 030200 05', 'abcbcb'],
    ['a match, and literals after it', '18616263 01 54 010000 01', 'aaaabc'],
  ])('reads sequences by hand: %s', (_, hex, text) => {
    const frame = frameOf(WINDOW_1_KIB, hex)
    expect(decode(frame, 100).toString()).toBe(text)
    expect(decompressZstd(frame, 100, true).toString()).toBe(text)
  })

  test.each([
    ['more literals than there are', '18616263 01 54 040000 01'],
    ['an offset of nothing', '18616263 01 54 000100 03'],
    ['an offset before the beginning', '18616263 01 54 030200 07'],
    ['bits left over', '18616263 01 54 030000 03'],
    ['too few bits', '18616263 01 54 030200 01'],
    ['no end of the bits', '18616263 01 54 030000 00'],
    ['a literal length that is not there', '18616263 01 54 240000 01'],
    ['an offset that is not there', '18616263 01 54 032000 01'],
    ['a match length that is not there', '18616263 01 54 030035 01'],
    ['a table of too many states', '18616263 01 80 05ffff'],
    ['a match beyond what a block may have', '18616263 01 54 03002e 0004'],
    ['literals beyond what a block may have', '853e61 01 54 03002b 80'],
  ])('refuses sequences with %s', (_, hex) => {
    expect(errorOf(() => decode(frameOf(WINDOW_1_KIB, hex), 10_000))).toMatchObject({ code: 'CORRUPT' })
  })
})

const WINDOW_1_KIB = 0x00

/** A frame of one compressed block, which does not tell its size. */
function frameOf(window: number, hex: string): Buffer {
  const block = fromHex(hex)
  const header = Buffer.alloc(9)
  Buffer.from('28b52ffd00', 'hex').copy(header)
  header.writeUInt8(window, 5)
  header.writeUIntLE(5 | (block.length << 3), 6, 3)
  return Buffer.concat([header, block])
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

function outcomeOf(run: () => Buffer): Buffer | CompressionError {
  try {
    return run()
  } catch (error) {
    if (error instanceof CompressionError) return error
    throw error
  }
}
