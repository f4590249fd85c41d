import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { compressionCodecFor, decompress } from '../src/index.ts'
import { XERIAL_HEADER } from '../src/snappy/xerial-header.ts'
import { jsonLines, randomBytes } from './contents.ts'
import { errorOf } from './error-of.ts'

interface Snappy {
  compressSync(bytes: Buffer): Buffer
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the package has, by its documentation
const snappy = createRequire(import.meta.url)('snappy') as Snappy

const ROOM = { maxBytes: 1_000_000 }

function raw(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

function framed(...blocks: readonly Buffer[]): Buffer {
  return Buffer.concat([
    XERIAL_HEADER,
    ...blocks.flatMap((block) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(block.length)
      return [length, block]
    }),
  ])
}

describe('snappy', () => {
  test('is read without framing too, as librdkafka writes it', () => {
    for (const content of [jsonLines(200_000), randomBytes(70_000), Buffer.alloc(0)]) {
      expect(decompress('snappy', snappy.compressSync(content), ROOM).equals(content)).toBe(true)
    }
  })

  test('is read in blocks, as Java writes it', () => {
    const blocks = framed(snappy.compressSync(jsonLines(50)), snappy.compressSync(jsonLines(40_000)))
    expect(decompress('snappy', blocks, ROOM).equals(Buffer.concat([jsonLines(50), jsonLines(40_000)]))).toBe(true)
  })

  test('is written in the framing that Java reads', () => {
    const compressed = compressionCodecFor('snappy').compressSync?.([jsonLines(100)])
    expect(compressed?.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001')
    expect(compressed?.readInt32BE(16)).toBe((compressed?.length ?? 0) - 20)
  })

  test.each([
    ['a literal', '03 08 616263', 'abc'],
    ['a copy with one byte of distance', '07 08 616263 01 03', 'abcabca'],
    ['a copy with two', '07 08 616263 0e 0300', 'abcabca'],
    ['a copy with four', '07 08 616263 0f 03000000', 'abcabca'],
    ['a copy that runs into itself', '05 00 61 0e 0100', 'aaaaa'],
    ['a length of one byte', '03 f0 02 616263', 'abc'],
    ['a length of two', '03 f4 0200 616263', 'abc'],
    ['a length of three', '03 f8 020000 616263', 'abc'],
    ['a length of four', '03 fc 02000000 616263', 'abc'],
    ['nothing', '00', ''],
  ])('has elements: %s', (_, hex, text) => {
    expect(decompress('snappy', raw(hex), ROOM).toString()).toBe(text)
    expect(decompress('snappy', framed(raw(hex)), ROOM).toString()).toBe(text)
  })

  test.each([
    ['ends before its literal', '03 08 6162', 'TRUNCATED'],
    ['ends before its distance', '07 08 616263 0e 03', 'TRUNCATED'],
    ['ends before its length', '03 f4 02', 'TRUNCATED'],
    ['has less than it says', '04 08 616263', 'TRUNCATED'],
    ['has more than it says', '02 08 616263', 'CORRUPT'],
    ['copies more than it says', '06 08 616263 0e 0300', 'CORRUPT'],
    ['copies from before its beginning', '07 08 616263 0e 0400', 'CORRUPT'],
    ['copies from nowhere', '07 08 616263 0e 0000', 'CORRUPT'],
    ['says a size that cannot come out', 'ffff7f 08 616263', 'CORRUPT'],
    ['says a size of 6 bytes', 'ffffffffff01 08 616263', 'CORRUPT'],
    ['says half a size', '80', 'TRUNCATED'],
  ])('that %s is refused', (_, hex, code) => {
    expect(errorOf(() => decompress('snappy', raw(hex), ROOM))).toMatchObject({ code })
    expect(errorOf(() => decompress('snappy', framed(raw(hex)), ROOM))).toMatchObject({ code })
  })

  test('has any number of blocks that are empty', () => {
    const empty = framed(raw('00')).subarray(XERIAL_HEADER.length)
    const blocks = Buffer.concat([framed(), Buffer.alloc(100_000 * empty.length, empty), raw('00000005 03 08 616263')])
    expect(decompress('snappy', blocks, ROOM).toString()).toBe('abc')
  })

  test('a copy never reaches into the block before', () => {
    const blocks = framed(raw('03 08 616263'), raw('05 00 61 0e 0200'))
    expect(errorOf(() => decompress('snappy', blocks, ROOM))).toMatchObject({ code: 'CORRUPT' })
  })

  test('is read whatever version the framing has, as Java reads it', () => {
    const bytes = framed(raw('03 08 616263'))
    bytes.writeInt32BE(2, 8)
    bytes.writeInt32BE(0, 12)
    expect(decompress('snappy', bytes, ROOM).toString()).toBe('abc')
  })
})
