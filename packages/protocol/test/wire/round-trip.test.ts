import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { Reader, Writer } from '../../src/index.ts'

const roundTrip = <T>(write: (writer: Writer) => void, read: (reader: Reader) => T): T => {
  const writer = new Writer(0)
  write(writer)
  const reader = new Reader(writer.finish())
  const value = read(reader)
  expect(reader.remaining).toBe(0)
  return value
}

test.prop([fc.integer({ min: 0, max: 0xffff_ffff })])('an unsigned varint comes back', (value) => {
  expect(
    roundTrip(
      (writer) => writer.uvarint(value),
      (reader) => reader.uvarint(),
    ),
  ).toBe(value)
})

test.prop([fc.integer()])('a varint comes back', (value) => {
  expect(
    roundTrip(
      (writer) => writer.varint(value),
      (reader) => reader.varint(),
    ),
  ).toBe(value)
})

test.prop([fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })])('a varlong comes back', (value) => {
  expect(
    roundTrip(
      (writer) => writer.varlong(value),
      (reader) => reader.varlong(),
    ),
  ).toBe(value)
})

test.prop([fc.option(fc.string({ unit: 'grapheme', maxLength: 300 }))])('a string or null comes back', (value) => {
  expect(
    roundTrip(
      (writer) => writer.compactNullableString(value),
      (reader) => reader.compactNullableString(),
    ),
  ).toBe(value)
  expect(
    roundTrip(
      (writer) => writer.nullableString(value),
      (reader) => reader.nullableString(),
    ),
  ).toBe(value)
})

test.prop([fc.uint8Array({ minLength: 16, maxLength: 16 })])('a uuid comes back as Kafka prints it', (bytes) => {
  const printed = Buffer.from(bytes).toString('base64url')
  expect(
    roundTrip(
      (writer) => writer.uuid(printed),
      (reader) => reader.uuid(),
    ),
  ).toBe(printed)
})
