import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { decompress } from '../src/index.ts'
import { lz4BlockSize } from '../src/lz4/lz4-block.ts'
import { xxHash32 } from '../src/lz4/xx-hash32.ts'
import { jsonLines, randomBytes } from './contents.ts'
import { errorOf } from './error-of.ts'

interface Lz4 {
  compressFrameSync(bytes: Buffer, options: { contentChecksum?: boolean; blockChecksums?: boolean }): Buffer
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a package without types of its own that Node finds
const lz4 = createRequire(import.meta.url)('lz4-napi') as Lz4

const ROOM = { maxBytes: 1_000_000 }

/** A frame of the flags and the blocks, its header's checksum right. */
function frameOf(flags: number, blockSize: number, ...blocks: readonly Buffer[]): Buffer {
  const descriptor = Buffer.from([flags, blockSize])
  const checksum = Buffer.from([(xxHash32(descriptor) >> 8) & 0xff])
  return Buffer.concat([Buffer.from('04224d18', 'hex'), descriptor, checksum, ...blocks, Buffer.alloc(4)])
}

function blockOf(hex: string, isCompressed: boolean = true): Buffer {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const header = Buffer.alloc(4)
  header.writeUInt32LE((isCompressed ? 0 : 0x8000_0000) + bytes.length)
  return Buffer.concat([header, bytes])
}

const INDEPENDENT = 0x60
const BLOCKS_64_KIB = 0x40

describe('xxHash32', () => {
  // From the reference implementation, seed 0.
  test.each([
    ['', 0x02cc_5d05],
    ['a', 0x550d_7456],
    ['abc', 0x32d1_53ff],
    ['Nobody inspects the spammish repetition', 0xe229_3b2f],
  ])('of %j', (text, hash) => {
    expect(xxHash32(Buffer.from(text))).toBe(hash)
  })
})

describe('an lz4 frame', () => {
  test.each([{ contentChecksum: true }, { blockChecksums: true }, { contentChecksum: true, blockChecksums: true }])(
    'with %o is checked',
    (checksums) => {
      for (const content of [jsonLines(300_000), randomBytes(70_000), jsonLines(5)]) {
        const frame = lz4.compressFrameSync(content, checksums)
        expect(decompress('lz4', frame, ROOM).equals(content)).toBe(true)
        const checksumAt = frame.length - (checksums.contentChecksum === true ? 1 : 5)
        frame.writeUInt8(frame.readUInt8(checksumAt) ^ 1, checksumAt)
        expect(errorOf(() => decompress('lz4', frame, ROOM))).toMatchObject({ code: 'CORRUPT' })
      }
    },
  )

  test.each([
    ['a literal', '30 616263', 'abc'],
    ['a match', '32 616263 0300 10 64', 'abcabcabcd'],
    ['a match that runs into itself', '12 61 0100 00', 'aaaaaaa'],
    ['long lengths', `ff 07 ${'61'.repeat(22)} 1600 ff 00 00`, 'a'.repeat(22 + 19 + 255)],
    ['nothing', '00', ''],
  ])('has blocks with %s', (_, hex, text) => {
    expect(decompress('lz4', frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf(hex)), ROOM).toString()).toBe(text)
  })

  test('has blocks that are not compressed', () => {
    const frame = frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf('616263', false), blockOf('30 646566'))
    expect(decompress('lz4', frame, ROOM).toString()).toBe('abcdef')
  })

  test.each([
    ['blocks that go on from each other', frameOf(0x40, BLOCKS_64_KIB, blockOf('30 616263')), 'UNSUPPORTED'],
    ['a dictionary', frameOf(0x61, BLOCKS_64_KIB, blockOf('30 616263')), 'UNSUPPORTED'],
    ['version 2', frameOf(0xa0, BLOCKS_64_KIB, blockOf('30 616263')), 'UNSUPPORTED'],
    ['the reserved bit', frameOf(0x62, BLOCKS_64_KIB, blockOf('30 616263')), 'CORRUPT'],
    ['blocks of an unknown size', frameOf(INDEPENDENT, 0x30, blockOf('30 616263')), 'CORRUPT'],
    ['a match before the block', frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf('12 61 0200 00')), 'CORRUPT'],
    ['a match at no distance', frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf('12 61 0000 00')), 'CORRUPT'],
    [
      'a match into the block before',
      frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf('30 616263'), blockOf('12 61 0200 00')),
      'CORRUPT',
    ],
    ['a block that ends with a match', frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf('12 61 0100')), 'TRUNCATED'],
    ['a block that ends in a length', frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf('f0 ff')), 'TRUNCATED'],
    ['a block that ends in its literals', frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf('40 616263')), 'TRUNCATED'],
    [
      'a block larger than its header says',
      frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf(`1f 61 0100 ${'ff'.repeat(258)} 00 00`)),
      'CORRUPT',
    ],
  ] as const)('with %s is refused', (_, frame, code) => {
    expect(errorOf(() => decompress('lz4', frame, ROOM))).toMatchObject({ code })
  })

  test('with another checksum of its header is corrupt', () => {
    const frame = frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf('30 616263'))
    frame.writeUInt8(frame.readUInt8(6) ^ 1, 6)
    expect(errorOf(() => decompress('lz4', frame, ROOM))).toMatchObject({ code: 'CORRUPT' })
  })

  // Its content would fit, but no reader makes room for so much that is compressed.
  test('with a block that is larger compressed than its content may be is corrupt', () => {
    const literals = 65_400
    const block = Buffer.concat([Buffer.of(0xf0), Buffer.alloc(256, 0xff), Buffer.of(105), Buffer.alloc(literals)])
    expect(lz4BlockSize(block)).toBe(literals)
    const frame = frameOf(INDEPENDENT, BLOCKS_64_KIB, blockOf(block.toString('hex')))
    expect(errorOf(() => decompress('lz4', frame, ROOM))).toMatchObject({ code: 'CORRUPT' })
  })

  test('may have any number of blocks that are empty', () => {
    const empty = blockOf('00')
    const frame = frameOf(INDEPENDENT, BLOCKS_64_KIB, Buffer.alloc(100_000 * empty.length, empty), blockOf('30 616263'))
    expect(decompress('lz4', frame, ROOM).toString()).toBe('abc')
  })

  test('that tells its size must have it', () => {
    const descriptor = Buffer.from('68400400000000000000', 'hex') // 4 bytes
    const checksum = Buffer.from([(xxHash32(descriptor) >> 8) & 0xff])
    const frameWith = (block: Buffer): Buffer =>
      Buffer.concat([Buffer.from('04224d18', 'hex'), descriptor, checksum, block, Buffer.alloc(4)])
    expect(decompress('lz4', frameWith(blockOf('40 61626364')), ROOM).toString()).toBe('abcd')
    expect(errorOf(() => decompress('lz4', frameWith(blockOf('30 616263')), ROOM))).toMatchObject({ code: 'CORRUPT' })
  })
})
