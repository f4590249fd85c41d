import { describe, expect, test } from 'vitest'
import { indexOf, MixedRecords } from './mixed-records.ts'

const COUNT = 100_000
const TIME_OF_SEND = 1_790_000_000_000

describe('mixed records', () => {
  const records = new MixedRecords(7, 6)

  test('are the same whenever they are made again, and others with another seed', () => {
    const again = new MixedRecords(7, 6)
    const other = new MixedRecords(8, 6)
    for (let index = 0; index < 1_000; index++) expect(again.record(index)).toEqual(records.record(index))
    expect(other.record(5)).not.toEqual(records.record(5))
  })

  test('tell their index, whether their value is there or not', () => {
    for (let index = 0; index < 10_000; index++) {
      const { value, timestamp = TIME_OF_SEND } = records.record(index)
      expect(indexOf({ value: value === null ? null : bytes(value), timestamp })).toBe(index)
    }
    for (const index of [2 ** 30, 2 ** 31 - 1]) {
      const { value, timestamp = TIME_OF_SEND } = records.record(index)
      expect(indexOf({ value: value === null ? null : bytes(value), timestamp })).toBe(index)
    }
  })

  test('that are not ours have no index', () => {
    expect(indexOf({ value: Buffer.from('foreign record'), timestamp: TIME_OF_SEND })).toBeUndefined()
    expect(indexOf({ value: null, timestamp: TIME_OF_SEND * 10 })).toBeUndefined()
    expect(indexOf({ value: null, timestamp: -1 })).toBeUndefined()
  })

  test('have every shape, in sizes that are mostly small', () => {
    const sizes: number[] = []
    const seen = new Map<string, number>()
    const see = (shape: string): void => void seen.set(shape, (seen.get(shape) ?? 0) + 1)
    for (let index = 0; index < COUNT; index++) {
      const { key, value, headers, timestamp, partition } = records.record(index)
      sizes.push(bytes(value).length)
      see(`key ${key === null ? 'null' : key === '' ? 'empty' : typeof key}`)
      see(`value ${value === null ? 'null' : value.length === 0 ? 'empty' : typeof value}`)
      see(`timestamp ${typeof timestamp}`)
      see(`partition ${partition}`)
      if (headers.length === 0) see('no headers')
      if (new Set(headers.map(([name]) => name)).size < headers.length) see('a header repeated')
      if (headers.some(([, header]) => header === null)) see('a null header')
      if (headers.some(([, header]) => header?.length === 0)) see('an empty header')
    }

    const share = (minBytes: number, maxBytes: number): number =>
      sizes.filter((size) => size >= minBytes && size < maxBytes).length / COUNT
    expect(share(0, 1_000)).toBeCloseTo(0.99, 2)
    expect(share(1_000, 10_000)).toBeCloseTo(0.009, 3)
    expect(share(10_000, 500_000)).toBeCloseTo(0.001, 3)
    expect(sizes.reduce((largest, size) => Math.max(largest, size))).toBeLessThan(500_000)

    const shapes = ['key null', 'key empty', 'key string', 'key object', 'value null', 'value empty', 'value string']
    const more = ['value object', 'timestamp number', 'timestamp undefined', 'partition undefined', 'partition 5']
    const headers = ['no headers', 'a header repeated', 'a null header', 'an empty header']
    for (const shape of [...shapes, ...more, ...headers]) expect(seen.get(shape), shape).toBeGreaterThan(COUNT / 100)
  })
})

function bytes(part: string | Uint8Array | null): Uint8Array {
  return Buffer.from(part ?? '')
}
