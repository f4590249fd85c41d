import { describe, expect, test } from 'vitest'
import { noAnomalies } from './anomaly.ts'
import type { DeliveryChecker } from './delivery-checker.ts'
import { AT_LEAST_ONCE, AT_MOST_ONCE, EXACTLY_ONCE } from './delivery-promise.ts'
import {
  COUNT,
  PRODUCERS,
  PARTITIONS,
  SETTLE_WITHIN_MS,
  topics,
  makers,
  type Written,
  faultlessLog,
  type Settle,
  reportOf,
  neighbours,
  changed,
  indexWith,
  only,
  wantsPartition,
  hasValue,
  hasTimestamp,
  hasHeaders,
} from './faultless-log.ts'
import { type LogRecord } from './log-record.ts'
import { SelfDescribingRecords } from './self-describing-records.ts'

describe('the delivery checker', () => {
  test('verifies every record of a faultless delivery, and finds nothing', () => {
    const all = COUNT * PRODUCERS
    expect(reportOf({})).toEqual({
      sent: all,
      acked: all,
      never: 0,
      unknown: 0,
      verified: all,
      withoutOffset: 0,
      anomalies: noAnomalies(),
      permitted: noAnomalies(),
      examples: [],
    })
  })

  test('finds a lost record', () => {
    const report = reportOf({ log: faultlessLog().toSpliced(500, 1) })
    expect(report).toMatchObject({ anomalies: only({ lost: 1 }), verified: COUNT * PRODUCERS - 1 })
    expect(report.examples[0]).toMatch(/^lost: record 250 of producer 0, acknowledged at (?:orders|audit)-\d@\d+$/u)
  })

  test('finds further copies', () => {
    const log = faultlessLog()
    expect(reportOf({ log: [...log, ...log.slice(70, 73)] }).anomalies).toEqual(only({ duplicated: 3 }))
  })

  test('finds two records of a partition in each other’s place', () => {
    const log = faultlessLog()
    const [first, second] = neighbours(log)
    const swapped = log.map((record) => {
      if (record === first) return { ...second, offset: first.offset }
      return record === second ? { ...first, offset: second.offset } : record
    })
    expect(reportOf({ log: swapped }).anomalies).toEqual(only({ reordered: 1, untrueOffset: 2, sharedOffset: 0 }))
  })

  test('takes the order of records from their ranks, where they have some', () => {
    const [first, second] = neighbours(faultlessLog())
    const ranks = Array.from({ length: COUNT }, (_, n) => n)
    expect(reportOf({ ranks }).anomalies).toEqual(noAnomalies())
    ranks[first.n] = second.n
    ranks[second.n] = first.n
    // Of the other producer they are in order, or not, by the same ranks.
    expect(reportOf({ ranks }).anomalies.reordered).toBeGreaterThan(0)
  })

  test.each<[string, number, (record: Written) => Partial<LogRecord>]>([
    ['another topic', indexWith(hasValue), ({ topic }) => ({ topic: topic === 'audit' ? 'orders' : 'audit' })],
    [
      'another partition than was wanted',
      indexWith(wantsPartition),
      ({ partition }) => ({ partition: (partition + 1) % PARTITIONS }),
    ],
    [
      'another partition than was acknowledged',
      indexWith(({ key }) => key === null),
      ({ partition }) => ({ partition: (partition + 1) % PARTITIONS }),
    ],
  ])('finds a record in %s', (_, index, change) => {
    const { misplaced, lost, corrupted, invented } = reportOf({ log: changed(index, change) }).anomalies
    expect({ misplaced, lost, corrupted, invented }).toEqual({ misplaced: 1, lost: 0, corrupted: 0, invented: 0 })
  })

  test('finds a record in another partition than others of its key', () => {
    const index = indexWith((record) => record.key?.length === 0 && !wantsPartition(record))
    const moved = changed(index, ({ partition }) => ({ partition: (partition + 1) % PARTITIONS, offset: 1e6 }))
    const settle: Settle = (history, { n, timestamp }, at) => {
      if (at !== index) return false
      history.acked(n, { partition: moved[index]?.partition ?? 0, offset: 1e6, timestamp }, at + SETTLE_WITHIN_MS)
      return true
    }
    expect(reportOf({ log: moved, settle }).anomalies).toMatchObject({ misplaced: 1, untrueOffset: 0 })
  })

  test.each<[string, number, (record: Written) => Partial<LogRecord>]>([
    ['an empty key for null', indexWith(({ key }) => key === null), () => ({ key: Buffer.alloc(0) })],
    ['a null key for empty', indexWith(({ key }) => key?.length === 0), () => ({ key: null })],
    ['an empty value for null', indexWith(({ value }) => value === null), () => ({ value: Buffer.alloc(0) })],
    ['a null value for empty', indexWith(({ value }) => value?.length === 0), () => ({ value: null })],
    ['one more header', indexWith(hasValue), ({ headers }) => ({ headers: [...headers, ['x', null]] })],
    ['headers in another order', indexWith(hasHeaders), ({ headers }) => ({ headers: headers.toReversed() })],
    ['another sent timestamp', indexWith(hasTimestamp), ({ timestamp }) => ({ timestamp: timestamp + 1 })],
    [
      'another acknowledged timestamp',
      indexWith((record) => !hasTimestamp(record)),
      ({ timestamp }) => ({ timestamp: timestamp - 1 }),
    ],
    [
      'another broker’s timestamp than was acknowledged',
      indexWith(hasTimestamp),
      ({ timestamp }) => ({ timestamp: timestamp + 5, timestampType: 'LOG_APPEND_TIME' }),
    ],
    [
      'bytes that differ behind the identity',
      indexWith(hasValue),
      ({ value }) => ({ value: Buffer.from(value ?? []).fill(0xdd, 31) }),
    ],
  ])('finds %s', (_, index, change) => {
    expect(reportOf({ log: changed(index, change) }).anomalies).toEqual(only({ corrupted: 1 }))
  })

  test('finds an offset that is not true', () => {
    const settle: Settle = (history, { n, ...record }, index) => {
      if (index !== 300) return false
      history.acked(n, { ...record, offset: 1e6 }, index + SETTLE_WITHIN_MS)
      return true
    }
    const report = reportOf({ settle })
    expect(report.anomalies).toEqual(only({ untrueOffset: 1 }))
    expect(report.verified).toBe(COUNT * PRODUCERS - 1)
  })

  test('finds records that share one offset', () => {
    const shared = { partition: 0, offset: 0 }
    const settle: Settle = (history, { n, topic, partition, timestamp }, index) => {
      if (topic !== 'audit' || partition !== 0) return false
      history.acked(n, { ...shared, timestamp }, index + SETTLE_WITHIN_MS)
      return true
    }
    const audit = faultlessLog().filter(({ topic, partition }) => topic === 'audit' && partition === 0)
    const onlyFirst = faultlessLog().filter((record) => record.topic !== 'audit' || record.partition !== 0)
    const { lost, sharedOffset } = reportOf({ log: [...onlyFirst, ...audit.slice(0, 1)], settle }).anomalies
    expect({ lost, sharedOffset }).toEqual({ lost: audit.length - 1, sharedOffset: audit.length - 1 })
  })

  test('finds a record that was said never to be written', () => {
    const report = reportOf({ settle: failWith(42, 'never') })
    expect(report).toMatchObject({ anomalies: only({ untrueNever: 1 }), never: 1, acked: COUNT * PRODUCERS - 1 })
  })

  test('finds a failure that does not say what became of the record', () => {
    expect(reportOf({ settle: failWith(42, undefined) }).anomalies).toEqual(only({ untyped: 1 }))
  })

  test('lets a record whose outcome is unknown be there once or not at all', () => {
    const log = faultlessLog()
    const settle = failWith(42, 'unknown')
    expect(reportOf({ settle })).toMatchObject({ anomalies: only({}), unknown: 1 })
    expect(reportOf({ log: log.toSpliced(42, 1), settle }).anomalies).toEqual(only({}))
    expect(reportOf({ log: [...log, ...log.slice(42, 43)], settle }).anomalies).toEqual(only({ duplicated: 1 }))
  })

  test('finds a record that is settled twice', () => {
    const settle: Settle = (history, record, index) => {
      if (index === 17) history.acked(record.n, record, index + SETTLE_WITHIN_MS)
      return false
    }
    expect(reportOf({ settle }).anomalies).toEqual(only({ settledTwice: 1 }))
  })

  test('finds a record that is settled too late, unless the delay is excused', () => {
    const late =
      (excusedMs: number): Settle =>
      (history, record, index) => {
        if (index === 17) history.acked(record.n, record, index + SETTLE_WITHIN_MS + 5, excusedMs)
        return index === 17
      }
    expect(reportOf({ settle: late(4) }).anomalies).toEqual(only({ settledLate: 1 }))
    expect(reportOf({ settle: late(5) }).anomalies).toEqual(only({}))
  })

  test('finds a record that is never settled', () => {
    const report = reportOf({ settle: (_, __, index) => index === 17 })
    expect(report).toMatchObject({ anomalies: only({ unsettled: 1 }), sent: COUNT * PRODUCERS })
  })

  test('finds a record that is settled after those behind it', () => {
    const settle: Settle = (history, record, index) => {
      if (index === 4) history.acked(record.n, record, 5 * SETTLE_WITHIN_MS, 5 * SETTLE_WITHIN_MS)
      return index === 4
    }
    expect(reportOf({ settle }).anomalies).toEqual(only({ settledOutOfOrder: 1 }))
  })

  test.each<[string, (record: Written) => Partial<LogRecord>]>([
    ['no one sent', () => ({ value: Buffer.from('not one of ours, and long enough to be') })],
    ['another run sent', () => ({ value: Buffer.from(String(strangers.record(indexOfText).value)) })],
    ['was given up before it was taken', () => ({ value: Buffer.from(String(makers[1]?.record(COUNT + 3).value)) })],
  ])('finds a record that %s', (_, change) => {
    const foreign = changed(0, change).slice(0, 1)
    expect(reportOf({ log: [...faultlessLog(), ...foreign] }).anomalies).toEqual(only({ invented: 1 }))
  })

  test('names the first ten anomalies and counts them all', () => {
    const report = reportOf({ log: [] })
    expect(report).toMatchObject({ anomalies: only({ lost: COUNT * PRODUCERS }), verified: 0 })
    expect(report.examples).toHaveLength(10)
  })
})

describe('what a configuration leaves open', () => {
  test('a retry without idempotence may write twice, and that is counted apart', () => {
    const log = faultlessLog()
    const report = reportOf({ log: [...log, ...log.slice(70, 73)], promise: AT_LEAST_ONCE })
    expect(report).toMatchObject({ anomalies: only({}), permitted: only({ duplicated: 3 }) })
    expect(report.verified).toBe(COUNT * PRODUCERS)
  })

  test('a retry of a record that is old by its own timestamp may be written twice', () => {
    const log = faultlessLog()
    const copies = log.slice(0, 100)
    const forgottenUntilMs = 1_600_000_000_000
    const oldCount = copies.filter(({ timestamp }) => timestamp <= forgottenUntilMs).length
    expect(oldCount).toBeGreaterThan(10)
    expect(oldCount).toBeLessThan(90)
    const report = reportOf({ log: [...log, ...copies], forgottenUntilMs })
    expect(report.anomalies).toEqual(only({ duplicated: 100 - oldCount }))
    expect(report.permitted).toEqual(only({ duplicated: oldCount }))

    const stamped = copies.map((record) => ({ ...record, timestampType: 'LOG_APPEND_TIME' as const }))
    expect(reportOf({ log: [...log, ...stamped], forgottenUntilMs }).anomalies.duplicated).toBe(100)
  })

  test('a record given up on without idempotence may come late, an acknowledged one may not', () => {
    const log = faultlessLog()
    const late = [...log.toSpliced(10, 1), ...log.slice(10, 11)]
    expect(reportOf({ log: late, promise: AT_LEAST_ONCE, settle: failWith(10, 'unknown') }).anomalies).toEqual(only({}))
    expect(reportOf({ log: late, settle: failWith(10, 'unknown') }).anomalies).toEqual(only({ reordered: 1 }))
    expect(reportOf({ log: late, promise: AT_LEAST_ONCE }).anomalies).toEqual(only({ reordered: 1 }))
  })

  test('acks 0 may lose records and knows no offset, and may not write twice', () => {
    const log = faultlessLog()
    const report = reportOf({ log: log.toSpliced(500, 1), promise: AT_MOST_ONCE })
    expect(report).toMatchObject({ anomalies: only({}), permitted: only({ lost: 1 }), withoutOffset: 0 })
    const twice = reportOf({ log: [...log, ...log.slice(70, 73)], promise: AT_MOST_ONCE })
    expect(twice.anomalies).toEqual(only({ duplicated: 3 }))
    const settle: Settle = (history, record, index) => {
      if (index === 5) history.acked(record.n, record, index + SETTLE_WITHIN_MS)
      return index === 5
    }
    expect(reportOf({ promise: AT_MOST_ONCE, settle }).anomalies).toEqual(only({ untrueOffset: 1 }))
  })

  test('what a partition lost by its own doing is no fault of the producer', () => {
    const isAudit = ({ topic, partition }: LogRecord): boolean => topic === 'audit' && partition === 1
    const log = faultlessLog().filter((record) => !isAudit(record))
    const report = reportOf({ log, prepare: (checker) => checker.excuse('audit', 1) })
    expect(report.anomalies).toEqual(only({}))
    expect(report.permitted.lost).toBe(faultlessLog().filter(isAudit).length)
  })

  test('a further copy of what a partition lost by its own doing is a copy, where there may be copies', () => {
    const log = faultlessLog()
    const [lost] = neighbours(log)
    const late = { ...lost, offset: 100_000 }
    const madeAnew = [...log.filter((record) => record !== lost), late]
    const prepare = (checker: DeliveryChecker): void => checker.excuse(late.topic, late.partition)
    const report = reportOf({ log: madeAnew, promise: AT_LEAST_ONCE, prepare })
    expect(report.anomalies).toEqual(only({}))
    expect(report.permitted).toEqual(only({ duplicated: 1, untrueOffset: 1 }))

    const underAnotherId = { ...EXACTLY_ONCE, ordersUnknown: false, copiesLostLogs: true }
    expect(reportOf({ log: madeAnew, promise: underAnotherId, prepare })).toMatchObject({
      anomalies: only({}),
      permitted: only({ duplicated: 1, untrueOffset: 1 }),
    })
    expect(reportOf({ log: madeAnew, promise: AT_LEAST_ONCE }).anomalies.reordered).toBe(1)
    expect(reportOf({ log: madeAnew, prepare }).anomalies.reordered).toBe(1)
  })

  test('what was sent after a partition lost its records must be there', () => {
    const isAudit = ({ topic, partition }: LogRecord): boolean => topic === 'audit' && partition === 1
    const log = faultlessLog().filter((record) => !isAudit(record))
    const { anomalies, permitted } = reportOf({ log, prepare: (checker) => checker.excuse('audit', 1, COUNT / 2) })
    expect(anomalies.lost).toBeGreaterThan(0)
    expect(permitted.lost).toBeGreaterThan(0)
    expect(anomalies.lost + permitted.lost).toBe(faultlessLog().filter(isAudit).length)
  })
})

const strangers = new SelfDescribingRecords({ runId: 8, producer: 0, topics })
const indexOfText = Array.from({ length: COUNT }, (_, n) => n).findIndex(
  (n) => typeof strangers.record(n).value === 'string',
)

function failWith(at: number, outcome: 'never' | 'unknown' | undefined): Settle {
  return (history, { n }, index) => {
    if (index === at)
      history.failed(
        n,
        outcome === undefined ? new Error('no') : Object.assign(new Error('no'), { outcome }),
        index + SETTLE_WITHIN_MS,
      )
    return index === at
  }
}
