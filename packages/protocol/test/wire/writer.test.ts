import { describe, expect, test } from 'vitest'
import { Reader, uvarintSize, Writer } from '../../src/index.ts'

const hex = (write: (writer: Writer) => void, capacityBytes = 0): string => {
  const writer = new Writer(capacityBytes)
  write(writer)
  return writer.finish().toString('hex')
}

describe('Writer', () => {
  // Every write starts on a full buffer, so that each has to grow it.
  test.each<[string, (writer: Writer) => void]>([
    ['ff', (writer) => writer.int8(-1)],
    ['01', (writer) => writer.bool(true)],
    ['fffe', (writer) => writer.int16(-2)],
    ['ffff', (writer) => writer.uint16(65_535)],
    ['7fffffff', (writer) => writer.int32(2_147_483_647)],
    ['ffffffff', (writer) => writer.uint32(4_294_967_295)],
    ['8000000000000000', (writer) => writer.int64(-(2n ** 63n))],
    ['3ff8000000000000', (writer) => writer.float64(1.5)],
    ['0003616263', (writer) => writer.string('abc')],
    ['ffff', (writer) => writer.nullableString(null)],
    ['0000', (writer) => writer.nullableString('')],
    ['03c3bc', (writer) => writer.compactString('ü')],
    ['00', (writer) => writer.compactNullableString(null)],
    ['01', (writer) => writer.compactNullableString('')],
    ['00000002cafe', (writer) => writer.bytes(Buffer.from('cafe', 'hex'))],
    ['ffffffff', (writer) => writer.nullableBytes(null)],
    ['03cafe', (writer) => writer.compactBytes(Buffer.from('cafe', 'hex'))],
    ['00', (writer) => writer.compactNullableBytes(null)],
    ['ffffffff', (writer) => writer.arrayCount(null)],
    ['00', (writer) => writer.compactArrayCount(null)],
    ['8001', (writer) => writer.compactArrayCount(127)],
    ['000102030405060708090a0b0c0d0eff', (writer) => writer.uuid('AAECAwQFBgcICQoLDA0O_w')],
  ])('writes %s into a buffer without room', (bytes, write) => {
    expect(hex(write)).toBe(bytes)
  })

  test('what was written before a growth stays', () => {
    const written = hex((writer) => {
      for (let value = 0; value < 100; value++) writer.int16(value)
    }, 1)
    const expected = Array.from({ length: 100 }, (_, value) => value.toString(16).padStart(4, '0')).join('')
    expect(written).toBe(expected)
  })

  // KIP-482 and Protocol Buffers: seven bits a byte, the lowest first.
  test.each<[number, string]>([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
    [2_097_151, 'ffff7f'],
    [268_435_455, 'ffffff7f'],
    [268_435_456, '8080808001'],
    [4_294_967_295, 'ffffffff0f'],
  ])('the unsigned varint %i is %s', (value, bytes) => {
    expect(hex((writer) => writer.uvarint(value))).toBe(bytes)
    expect(uvarintSize(value)).toBe(bytes.length / 2)
  })

  // The table of Protocol Buffers' zigzag, and the ends of the range.
  test.each<[number, string]>([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-2, '03'],
    [2_147_483_647, 'feffffff0f'],
    [-2_147_483_648, 'ffffffff0f'],
  ])('the varint %i is %s', (value, bytes) => {
    expect(hex((writer) => writer.varint(value))).toBe(bytes)
    expect(hex((writer) => writer.varlong(BigInt(value)))).toBe(bytes)
  })

  test.each<[bigint, string]>([
    [2n ** 63n - 1n, 'feffffffffffffffff01'],
    [-(2n ** 63n), 'ffffffffffffffffff01'],
  ])('the varlong %i is %s', (value, bytes) => {
    expect(hex((writer) => writer.varlong(value))).toBe(bytes)
  })

  test('a number that its type cannot hold is refused', () => {
    expect(() => hex((writer) => writer.int8(128))).toThrow(RangeError)
    expect(() => hex((writer) => writer.int16(-32_769))).toThrow(RangeError)
    expect(() => hex((writer) => writer.int32(2 ** 31))).toThrow(RangeError)
    expect(() => hex((writer) => writer.int64(2n ** 63n))).toThrow(RangeError)
  })

  test('a string may have 32,767 bytes, and not one more', () => {
    expect(hex((writer) => writer.compactString('x'.repeat(32_767)))).toHaveLength(2 * (3 + 32_767))
    const tooLong = `${'x'.repeat(32_766)}ü`
    for (const write of ['string', 'compactString'] as const) {
      expect(() => hex((writer) => writer[write](tooLong))).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }))
    }
  })

  test.each(['', 'short', 'AAECAwQFBgcICQoLDA0O_w==', 'AAECAwQFBgcICQoLDA0O_!'])("'%s' is no uuid", (text) => {
    expect(() => hex((writer) => writer.uuid(text))).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }))
  })

  test('a size can be filled in afterwards, where an int32 was written', () => {
    const written = hex((writer) => {
      writer.int32(0)
      writer.int8(7)
      writer.patchInt32(0, 258)
    })
    expect(written).toBe('0000010207')
    expect(() => hex((writer) => writer.patchInt32(0, 1))).toThrow(RangeError)
  })

  test('finished bytes are not touched by the next writer', () => {
    const first = new Writer(16)
    first.int32(1)
    const finished = first.finish()
    first.int32(2)
    expect(new Reader(finished).int32()).toBe(1)
    expect(first.length).toBe(4)
  })
})
