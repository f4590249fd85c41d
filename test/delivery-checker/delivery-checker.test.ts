import { describe, expect, test } from 'vitest'
import { type AnomalyCounts, noAnomalies } from './anomaly.ts'
import { DeliveryChecker, type DeliveryReport } from './delivery-checker.ts'
import { AT_LEAST_ONCE, AT_MOST_ONCE, type DeliveryPromise, EXACTLY_ONCE } from './delivery-promise.ts'
import type { LogRecord } from './log-record.ts'
import { ProducerHistory } from './producer-history.ts'
import { SelfDescribingRecords } from './self-describing-records.ts'

const COUNT = 1_000
const PRODUCERS = 2
const PARTITIONS = 3
const TIME_OF_SEND = 1_790_000_000_000
const SETTLE_WITHIN_MS = 1_000

const topics = [
  { name: 'orders', partitionCount: PARTITIONS },
  { name: 'audit', partitionCount: PARTITIONS },
]
const makers = [0, 1].map((producer) => new SelfDescribingRecords({ runId: 7, producer, topics }))

/** A record in the log, and whose it is. */
interface Written extends LogRecord {
  readonly producer: number
  readonly n: number
}

/** What faultless producers would have written, in the order of the offsets of each partition. */
function faultlessLog(): Written[] {
  const ends = new Map<string, number>()
  const partitionOfKey = new Map<string, number>()
  return Array.from({ length: COUNT * PRODUCERS }, (_, index) => {
    const producer = index % PRODUCERS
    const n = Math.floor(index / PRODUCERS)
    const sent = recordOf(producer, n)
    const key = typeof sent.key === 'string' ? `${sent.topic} ${sent.key}` : ''
    const ofKey = partitionOfKey.get(key) ?? n % PARTITIONS
    if (key !== '') partitionOfKey.set(key, ofKey)
    const partition = sent.partition ?? ofKey
    const place = `${sent.topic}-${partition}`
    const offset = ends.get(place) ?? 0
    ends.set(place, offset + 1)
    return {
      producer,
      n,
      topic: sent.topic,
      partition,
      offset,
      timestamp: sent.timestamp ?? TIME_OF_SEND + n,
      timestampType: 'CREATE_TIME',
      key: sent.key === null ? null : Buffer.from(sent.key),
      value: sent.value === null ? null : Buffer.from(sent.value),
      headers: sent.headers,
    }
  })
}

function recordOf(producer: number, n: number): ReturnType<SelfDescribingRecords['record']> {
  const maker = makers[producer]
  if (maker === undefined) throw new Error(`no producer ${producer}`)
  return maker.record(n)
}

type Settle = (history: ProducerHistory, record: Written, index: number) => boolean

interface Trial {
  readonly log?: readonly LogRecord[]
  readonly promise?: DeliveryPromise
  /** Settles a record otherwise than well. True: nothing more is to be told of it. */
  readonly settle?: Settle
  readonly prepare?: (checker: DeliveryChecker) => void
  /** The same for both producers. */
  readonly ranks?: readonly number[]
}

/** What is found when a faultless log was acknowledged and `log` is read. */
function reportOf({ log = faultlessLog(), promise = EXACTLY_ONCE, settle, prepare, ranks }: Trial): DeliveryReport {
  const histories = makers.map(() => new ProducerHistory(SETTLE_WITHIN_MS))
  for (const [index, record] of faultlessLog().entries()) {
    const history = histories[record.producer]
    if (history === undefined) throw new Error('no history')
    history.sent(record.n, index)
    if (settle?.(history, record, index) === true) continue
    const acknowledgement = promise === AT_MOST_ONCE ? { ...record, offset: undefined } : record
    history.acked(record.n, acknowledgement, index + SETTLE_WITHIN_MS)
  }
  const producers = histories.map((history, producer) => ({
    history,
    promise,
    recordAt: (n: number) => recordOf(producer, n),
    keysKeepPartition: true,
    ...(ranks === undefined ? {} : { ranks }),
  }))
  const checker = new DeliveryChecker(producers, (record) => makers[0]?.identify(record))
  prepare?.(checker)
  for (const record of log) checker.read(record)
  return checker.report()
}

/** Two records of one producer that follow one another in a partition. */
function neighbours(log: readonly Written[]): readonly [Written, Written] {
  const of = log.filter(({ topic, partition, producer }) => topic === 'audit' && partition === 0 && producer === 0)
  const [first, second] = [of[5], of[6]]
  if (first === undefined || second === undefined) throw new Error('too few records')
  return [first, second]
}

/** The log with one record changed. */
function changed(index: number, change: (record: Written) => Partial<LogRecord>): LogRecord[] {
  return faultlessLog().map((record, at) => (at === index ? { ...record, ...change(record) } : record))
}

/** The last record that is like this. */
function indexWith(isLike: (record: Written) => boolean): number {
  const index = faultlessLog().findLastIndex(isLike)
  if (index < 0) throw new Error('no such record')
  return index
}

function only(anomalies: Partial<AnomalyCounts>): AnomalyCounts {
  return { ...noAnomalies(), ...anomalies }
}

const wantsPartition = (record: Written): boolean => recordOf(record.producer, record.n).partition !== undefined
const hasValue = ({ value }: Written): boolean => value !== null && value.length > 40
const hasTimestamp = (record: Written): boolean => recordOf(record.producer, record.n).timestamp !== undefined
const hasHeaders = ({ headers }: Written): boolean => headers.length > 1 && headers[0]?.[1] === null

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
