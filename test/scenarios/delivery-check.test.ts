import { describe, expect, test } from 'vitest'
import type { ReadRecord } from '../read-back/record-dump.ts'
import { DeliveryCheck, type DeliveryReport } from './delivery-check.ts'
import { MixedRecords } from './mixed-records.ts'

const COUNT = 2_000
const PARTITIONS = 3
const TIME_OF_SEND = 1_790_000_000_000
const records = new MixedRecords(11, PARTITIONS)

/** A log as a faultless producer would have written it, in the order of the offsets of each partition. */
function faultlessLog(): ReadRecord[] {
  const ends = Array.from({ length: PARTITIONS }, () => 0)
  return Array.from({ length: COUNT }, (_, index) => {
    const record = records.record(index)
    const partition = record.partition ?? index % PARTITIONS
    const offset = ends[partition] ?? 0
    ends[partition] = offset + 1
    return {
      topic: 'mixed',
      partition,
      offset,
      timestamp: record.timestamp ?? TIME_OF_SEND + index,
      timestampType: 'CREATE_TIME',
      key: record.key === null ? null : Buffer.from(record.key),
      value: record.value === null ? null : Buffer.from(record.value),
      valueSizeBytes: record.value?.length ?? -1,
      valueIsDigest: false,
      headers: record.headers,
    }
  })
}

/** What is found when a faultless log was acknowledged and `log` is read. */
function reportOf(log: readonly ReadRecord[], settle?: (check: DeliveryCheck) => void): DeliveryReport {
  const check = new DeliveryCheck(records, 'mixed', COUNT)
  for (const [index, record] of faultlessLog().entries()) {
    check.sent(index)
    check.acked(index, record)
  }
  settle?.(check)
  for (const record of log) check.read(record)
  return check.report()
}

/** The log with record `index` changed. */
function changed(index: number, change: (record: ReadRecord) => Partial<ReadRecord>): ReadRecord[] {
  return faultlessLog().map((record, at) => (at === index ? { ...record, ...change(record) } : record))
}

const CLEAN = { lost: 0, duplicated: 0, reordered: 0, misplaced: 0, different: 0, invented: 0 }
const indexWith = (has: (record: ReturnType<MixedRecords['record']>) => boolean): number => {
  for (let index = 0; index < COUNT; index++) if (has(records.record(index))) return index
  throw new Error('no such record')
}
const anywhere = (record: ReturnType<MixedRecords['record']>): boolean => record.partition === undefined
const withHeaders = indexWith(({ headers }) => headers.length > 1 && headers[0]?.[1] === null)

describe('the delivery check', () => {
  test('verifies every record of a faultless log, and finds nothing', () => {
    expect(reportOf(faultlessLog())).toEqual({ sent: COUNT, acked: COUNT, verified: COUNT, ...CLEAN, examples: [] })
  })

  test('finds a lost record', () => {
    const log = faultlessLog().toSpliced(500, 1)
    expect(reportOf(log)).toMatchObject({ ...CLEAN, verified: COUNT - 1, lost: 1 })
  })

  test('finds a duplicate', () => {
    const log = faultlessLog()
    expect(reportOf([...log, ...log.slice(70, 73)])).toMatchObject({ ...CLEAN, verified: COUNT, duplicated: 3 })
  })

  test('finds two records of a partition in each other’s place', () => {
    const log = faultlessLog()
    const ofOne = log.filter(({ partition }) => partition === 0)
    const others = log.filter(({ partition }) => partition !== 0)
    const [a, b, ...rest] = ofOne
    if (a === undefined || b === undefined) throw new Error('no two records in partition 0')
    const swapped = [{ ...b, offset: 0 }, { ...a, offset: 1 }, ...rest, ...others]
    expect(reportOf(swapped)).toMatchObject({ ...CLEAN, reordered: 1, misplaced: 2, verified: COUNT - 2 })
  })

  test.each<[string, number, (record: ReadRecord) => Partial<ReadRecord>]>([
    ['another partition', indexWith(anywhere), ({ partition }) => ({ partition: (partition + 1) % PARTITIONS })],
    ['another offset', 9, ({ offset }) => ({ offset: offset + 1 })],
    ['another topic', 9, () => ({ topic: 'other' })],
  ])('finds a record in %s', (_, index, change) => {
    const report = reportOf(changed(index, change))
    expect(report).toMatchObject({ lost: 0, duplicated: 0, misplaced: 1, different: 0, invented: 0 })
    expect(report.examples[0]).toContain(`is record ${index}, acknowledged at`)
  })

  test('finds a record that its producer put elsewhere than it was asked to', () => {
    const index = indexWith(({ partition }) => partition === 0)
    const elsewhere = changed(index, () => ({ partition: 2, offset: 1e6 }))
    const report = reportOf(elsewhere, (check) => {
      check.acked(index, { partition: 2, offset: 1e6, timestamp: elsewhere[index]?.timestamp ?? 0 })
    })
    expect(report).toMatchObject({ misplaced: 1, different: 0, lost: 0 })
  })

  test.each<[string, number, (record: ReadRecord) => Partial<ReadRecord>]>([
    ['an empty key for null', indexWith(({ key }) => key === null), () => ({ key: Buffer.alloc(0) })],
    ['a null key for empty', indexWith(({ key }) => key === ''), () => ({ key: null })],
    ['an empty value for null', indexWith(({ value }) => value === null), () => ({ value: Buffer.alloc(0) })],
    ['one more header', 9, ({ headers }) => ({ headers: [...headers, ['x', null]] })],
    ['headers in another order', withHeaders, ({ headers }) => ({ headers: headers.toReversed() })],
    ['an empty header for null', withHeaders, ({ headers }) => ({ headers: emptied(headers) })],
    [
      'another sent timestamp',
      indexWith(({ timestamp, value }) => timestamp !== undefined && value !== null && value.length > 0),
      ({ timestamp }) => ({ timestamp: timestamp + 1 }),
    ],
    [
      'another acknowledged timestamp',
      indexWith(({ timestamp }) => timestamp === undefined),
      ({ timestamp }) => ({ timestamp: timestamp - 1 }),
    ],
    [
      'bytes that differ behind the first eight',
      indexWith(({ value }) => (value?.length ?? 0) > 8),
      ({ value }) => ({ value: Buffer.from(value ?? []).fill(0xff, 8) }),
    ],
  ])('finds %s', (_, index, change) => {
    expect(reportOf(changed(index, change))).toMatchObject({ ...CLEAN, different: 1, verified: COUNT - 1 })
  })

  test('finds a record that no one sent', () => {
    const foreign = changed(0, () => ({ value: Buffer.from('not one of ours') })).slice(0, 1)
    expect(reportOf([...faultlessLog(), ...foreign])).toMatchObject({ ...CLEAN, verified: COUNT, invented: 1 })
  })

  test('finds a record that was said never to be written', () => {
    const report = reportOf(faultlessLog(), (check) => check.failed(42, 'never'))
    expect(report).toMatchObject({ ...CLEAN, acked: COUNT - 1, verified: COUNT - 1, invented: 1 })
  })

  test('lets a record whose outcome is unknown be there once or not at all', () => {
    const log = faultlessLog()
    expect(reportOf(log, unknown42)).toMatchObject({ ...CLEAN, acked: COUNT - 1, verified: COUNT - 1 })
    expect(reportOf(log.toSpliced(42, 1), unknown42)).toMatchObject({ ...CLEAN, verified: COUNT - 1 })
    expect(reportOf([...log, ...log.slice(42, 43)], unknown42)).toMatchObject({ ...CLEAN, duplicated: 1 })
  })

  test('takes any offset where the producer did not learn it', () => {
    const [first] = faultlessLog()
    if (first === undefined) throw new Error('an empty log')
    const report = reportOf(
      changed(0, () => ({ offset: 5 })),
      (check) => check.acked(0, { ...first, offset: undefined }),
    )
    expect(report).toMatchObject({ ...CLEAN, verified: COUNT })
  })

  test('names the first ten findings and counts them all', () => {
    const report = reportOf([])
    expect(report).toMatchObject({ ...CLEAN, lost: COUNT, verified: 0 })
    expect(report.examples).toHaveLength(10)
    expect(report.examples[0]).toMatch(/^lost: record 0, acknowledged at [0-2]@0$/u)
  })
})

function emptied(headers: ReadRecord['headers']): ReadRecord['headers'] {
  return headers.map(([name, value]) => [name, value ?? Buffer.alloc(0)])
}

function unknown42(check: DeliveryCheck): void {
  check.failed(42, 'unknown')
}
