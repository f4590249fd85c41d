import { describe, expect, test } from 'vitest'
import { ProtocolError, Reader } from '../../src/index.ts'

const reader = (hex: string): Reader => new Reader(Buffer.from(hex, 'hex'))

const failsWith = (code: string): unknown => expect.objectContaining({ name: 'ProtocolError', code })

describe('Reader', () => {
  test('reads each type in turn and knows where it is', () => {
    const bytes = Buffer.from(`ff01fffefffffffffffeffffffff80000000000000003ff8000000000000ac0203cafe`, 'hex')
    const all = new Reader(bytes)
    expect([all.int8(), all.bool(), all.int16(), all.uint16()]).toEqual([-1, true, -2, 65_535])
    expect([all.int32(), all.uint32(), all.int64(), all.float64()]).toEqual([-2, 4_294_967_295, -(2n ** 63n), 1.5])
    expect([all.uvarint(), all.compactBytes()]).toEqual([300, Buffer.from('cafe', 'hex')])
    expect([all.position, all.remaining]).toEqual([bytes.length, 0])
  })

  test('reads a part of bytes that are themselves a part', () => {
    const memory = Uint8Array.from([9, 9, 0, 1, 0, 2, 9])
    const part = new Reader(memory.subarray(1, 6), 1, 5)
    expect([part.int16(), part.int16(), part.remaining]).toEqual([1, 2, 0])
    expect(() => part.int8()).toThrow(failsWith('TRUNCATED'))
  })

  test('cannot be made outside its bytes', () => {
    const bytes = new Uint8Array(4)
    expect(() => new Reader(bytes, 5)).toThrow(RangeError)
    expect(() => new Reader(bytes, -1)).toThrow(RangeError)
    expect(() => new Reader(bytes, 0, 5)).toThrow(RangeError)
  })

  test('gives views of bytes, not copies', () => {
    const memory = Uint8Array.from([0, 0, 0, 1, 7])
    const view = new Reader(memory).bytes()
    memory[4] = 8
    expect(view[0]).toBe(8)
  })

  test('tells null from empty', () => {
    expect(reader('ffff').nullableString()).toBeNull()
    expect(reader('0000').nullableString()).toBe('')
    expect(reader('00').compactNullableString()).toBeNull()
    expect(reader('01').compactNullableString()).toBe('')
    expect(reader('ffffffff').nullableBytes()).toBeNull()
    expect(reader('00000000').nullableBytes()).toHaveLength(0)
    expect(reader('00').compactNullableBytes()).toBeNull()
    expect(reader('01').compactNullableBytes()).toHaveLength(0)
    expect(reader('ffffffff').arrayCount(1)).toBeNull()
    expect(reader('00').compactArrayCount(1)).toBeNull()
  })

  test.each<[string, (from: Reader) => unknown]>([
    ['ffff', (from) => from.string()],
    ['00', (from) => from.compactString()],
    ['ffffffff', (from) => from.bytes()],
    ['00', (from) => from.compactBytes()],
  ])('null is an error where it is not allowed (%s)', (hex, read) => {
    expect(() => read(reader(hex))).toThrow(failsWith('UNEXPECTED_NULL'))
  })

  test.each<[string, (from: Reader) => unknown]>([
    ['fffe', (from) => from.nullableString()],
    ['80000000', (from) => from.nullableBytes()],
    ['fffffffe', (from) => from.arrayCount(1)],
    ['818002', (from) => from.compactNullableString()], // 32,768 bytes: one more than a string may have
    ['ffffffffff', (from) => from.uvarint()], // a sixth byte would follow
    ['ffffffff10', (from) => from.uvarint()], // the 33rd bit
    ['ffffffffffffffffff02', (from) => from.varlong()], // the 65th bit
    ['ffffffffffffffffffff', (from) => from.varlong()],
  ])('%s has no length that a value may have', (hex, read) => {
    expect(() => read(reader(hex))).toThrow(failsWith('INVALID_LENGTH'))
  })

  test.each<[string, (from: Reader) => unknown]>([
    ['', (from) => from.int8()],
    ['00', (from) => from.int16()],
    ['000000', (from) => from.int32()],
    ['00000000000000', (from) => from.int64()],
    ['80', (from) => from.uvarint()],
    ['80808080', (from) => from.varlong()],
    ['00'.repeat(15), (from) => from.uuid()],
    ['0002ff', (from) => from.string()],
    ['7fffffff', (from) => from.bytes()],
    ['ffffffff0f', (from) => from.compactBytes()],
    ['0000000200000000000000', (from) => from.arrayCount(4)],
    ['0300000000000000', (from) => from.compactArrayCount(4)],
  ])('%s ends too early', (hex, read) => {
    expect(() => read(reader(hex))).toThrow(failsWith('TRUNCATED'))
  })

  test('an array fits that fills its bytes exactly', () => {
    expect(reader('000000020000000000000000').arrayCount(4)).toBe(2)
    expect(reader('030000000000000000').compactArrayCount(4)).toBe(2)
  })

  test('an error can be told by class and code', () => {
    expect(() => reader('').int8()).toThrow(ProtocolError)
  })
})
