import { expect, test } from 'vitest'
import { OutputRoom } from '../src/output-room.ts'
import { Scratch } from '../src/scratch.ts'

const piecesOf = (...sizes: readonly number[]): Buffer[] => sizes.map((size, index) => Buffer.alloc(size, index + 1))

test('pieces are joined in memory that is used again when it is given back', () => {
  const scratch = new Scratch()
  const pieces = piecesOf(10, 0, 70_000)
  const lent = scratch.lend(pieces)
  expect(lent.bytes.equals(Buffer.concat(pieces))).toBe(true)
  scratch.giveBack(lent)
  const smaller = scratch.lend(piecesOf(5))
  expect(smaller.memory).toBe(lent.memory)
  expect(smaller.bytes.equals(Buffer.alloc(5, 1))).toBe(true)
  const another = scratch.lend(piecesOf(5))
  expect(another.memory).not.toBe(smaller.memory)
})

test('no pieces are no bytes', () => {
  expect(new Scratch().lend([]).bytes).toHaveLength(0)
})

test('of much memory that is given back, and of large memory, nothing is kept', () => {
  const scratch = new Scratch()
  const many = Array.from({ length: 5 }, () => scratch.lend(piecesOf(10)))
  for (const lent of many) scratch.giveBack(lent)
  const again = new Set(Array.from({ length: 5 }, () => scratch.lend(piecesOf(10)).memory))
  expect(many.filter(({ memory }) => again.has(memory))).toHaveLength(2)

  const large = scratch.lend(piecesOf(5_000_000))
  scratch.giveBack(large)
  expect(scratch.lend(piecesOf(5_000_000)).memory).not.toBe(large.memory)
})

test('a single piece is read where it lies by who is done with it at once, and is never used again', () => {
  const scratch = new Scratch()
  const larger = Buffer.from('some of a buffer')
  const piece = new Uint8Array(larger.buffer, larger.byteOffset + 5, 2)
  const lent = scratch.lendBriefly([piece])
  expect([lent.bytes.toString(), lent.bytes.byteOffset]).toEqual(['of', piece.byteOffset])
  scratch.giveBack(lent)
  expect(scratch.lend(piecesOf(2)).bytes.buffer).not.toBe(larger.buffer)

  const [first = larger, second = larger] = piecesOf(3, 4)
  expect(scratch.lendBriefly([first, second]).bytes.equals(Buffer.concat([first, second]))).toBe(true)
  expect(scratch.lendBriefly([]).bytes).toHaveLength(0)
})

test('room is what outputs of late have needed, and never more than the worst case', () => {
  const input = Buffer.alloc(100_000)
  const output = (bytes: number): Buffer => Buffer.alloc(bytes)
  const room = new OutputRoom(64)
  expect(room.bytesFor(input)).toBe(100_454)
  for (let count = 0; count < 20; count++) room.learned(input, output(20_000))
  expect(room.bytesFor(input)).toBeGreaterThan(20_000)
  expect(room.bytesFor(input)).toBeLessThan(30_000)
  const large = output(60_000)
  expect(room.learned(input, large)).toBe(large)
  expect(room.bytesFor(input)).toBeGreaterThan(60_000)
  room.learned(Buffer.alloc(0), output(50))
  expect(room.bytesFor(Buffer.alloc(100))).toBe(164)
})
