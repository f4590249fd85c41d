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

test('room is what outputs of late have needed, and never more than the worst case', () => {
  const room = new OutputRoom()
  expect(room.bytesFor(100_000, 100_500)).toBe(100_500)
  for (let count = 0; count < 20; count++) room.learn(100_000, 20_000)
  expect(room.bytesFor(100_000, 100_500)).toBeGreaterThan(20_000)
  expect(room.bytesFor(100_000, 100_500)).toBeLessThan(30_000)
  room.learn(100_000, 60_000)
  expect(room.bytesFor(100_000, 100_500)).toBeGreaterThan(60_000)
  room.learn(0, 50)
  expect(room.bytesFor(100, 164)).toBe(164)
})
