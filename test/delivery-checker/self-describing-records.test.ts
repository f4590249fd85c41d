import { describe, expect, test } from 'vitest'
import { SelfDescribingRecords } from './self-describing-records.ts'
import type { SentRecord } from './log-record.ts'

const topics = [
  { name: 'a', partitionCount: 4 },
  { name: 'b', partitionCount: 1 },
]
const options = { runId: 0xfedcba98, producer: 3, topics }
const COUNT = 20_000

describe('self-describing records', () => {
  const records = new SelfDescribingRecords(options)

  test('are the same whenever they are made again, and others of another run or producer', () => {
    const again = new SelfDescribingRecords(options)
    const others = [
      new SelfDescribingRecords({ ...options, runId: 1 }),
      new SelfDescribingRecords({ ...options, producer: 4 }),
    ]
    for (let n = 0; n < 1_000; n++) {
      expect(again.record(n)).toEqual(records.record(n))
      for (const other of others) expect(other.record(n)).not.toEqual(records.record(n))
    }
  })

  test('tell their producer and number, with a value and without', () => {
    for (let n = 0; n < COUNT; n++) expect(records.identify(asRead(records.record(n)))).toEqual({ producer: 3, n })
    expect(records.identify(asRead(records.record(2 ** 32 - 1)))).toEqual({ producer: 3, n: 2 ** 32 - 1 })
  })

  test('of another run or maker are strangers', () => {
    const other = new SelfDescribingRecords({ ...options, runId: 1 })
    expect(other.identify(asRead(records.record(0)))).toBeUndefined()
    expect(records.identify(asRead({ topic: 'a', key: null, value: 'x'.repeat(50), headers: [] }))).toBeUndefined()
    expect(records.identify(asRead({ topic: 'a', key: null, value: null, headers: [] }))).toBeUndefined()
  })

  test('have every shape', () => {
    const seen = new Map<string, number>()
    const see = (shape: string): void => void seen.set(shape, (seen.get(shape) ?? 0) + 1)
    for (let n = 0; n < COUNT; n++) {
      const { topic, key, value, headers, timestamp, partition } = records.record(n)
      see(`topic ${topic}`)
      see(`key ${key === null ? 'null' : key === '' ? 'empty' : typeof key}`)
      see(`value ${value === null ? 'null' : value.length === 0 ? 'empty' : typeof value}`)
      see(`timestamp ${typeof timestamp}`)
      see(`partition ${topic === 'a' ? partition : ''}`)
      if (new Set(headers.map(([name]) => name)).size < headers.length) see('a header repeated')
      if (headers.some(([, header]) => header === null)) see('a null header')
      if (headers.some(([, header]) => header?.length === 0)) see('an empty header')
    }
    const shapes = [
      'topic a',
      'topic b',
      'key null',
      'key empty',
      'key string',
      'key object',
      'value null',
      'value empty',
    ]
    const more = [
      'value string',
      'value object',
      'timestamp number',
      'partition 0',
      'partition 3',
      'partition undefined',
    ]
    const headers = ['a header repeated', 'a null header', 'an empty header']
    for (const shape of [...shapes, ...more, ...headers]) expect(seen.get(shape), shape).toBeGreaterThan(COUNT / 100)
  })
})

function asRead({ key, value, ...rest }: SentRecord): Parameters<SelfDescribingRecords['identify']>[0] {
  const read = { partition: 0, offset: 0, timestamp: 0, timestampType: 'CREATE_TIME' } as const
  return {
    ...rest,
    ...read,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  }
}
