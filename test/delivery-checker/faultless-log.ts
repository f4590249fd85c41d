import { type AnomalyCounts, noAnomalies } from './anomaly.ts'
import { DeliveryChecker, type DeliveryReport } from './delivery-checker.ts'
import { AT_MOST_ONCE, type DeliveryPromise, EXACTLY_ONCE } from './delivery-promise.ts'
import type { LogRecord } from './log-record.ts'
import { ProducerHistory } from './producer-history.ts'
import { SelfDescribingRecords } from './self-describing-records.ts'

export const COUNT = 1_000
export const PRODUCERS = 2
export const PARTITIONS = 3
const TIME_OF_SEND = 1_790_000_000_000
export const SETTLE_WITHIN_MS = 1_000

export const topics = [
  { name: 'orders', partitionCount: PARTITIONS },
  { name: 'audit', partitionCount: PARTITIONS },
]
export const makers = [0, 1].map((producer) => new SelfDescribingRecords({ runId: 7, producer, topics }))

/** A record in the log, and whose it is. */
export interface Written extends LogRecord {
  readonly producer: number
  readonly n: number
}

/** What faultless producers would have written, in the order of the offsets of each partition. */
export function faultlessLog(): Written[] {
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

export type Settle = (history: ProducerHistory, record: Written, index: number) => boolean

interface Trial {
  readonly log?: readonly LogRecord[]
  readonly promise?: DeliveryPromise
  /** Settles a record otherwise than well. True: nothing more is to be told of it. */
  readonly settle?: Settle
  readonly prepare?: (checker: DeliveryChecker) => void
  /** The same for both producers. */
  readonly ranks?: readonly number[]
  readonly forgottenUntilMs?: number
}

/** What is found when a faultless log was acknowledged and `log` is read. */
export function reportOf(trial: Trial): DeliveryReport {
  const { log = faultlessLog(), promise = EXACTLY_ONCE, settle, prepare, ranks, forgottenUntilMs } = trial
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
    ...(forgottenUntilMs === undefined ? {} : { forgottenUntilMs }),
  }))
  const checker = new DeliveryChecker(producers, (record) => makers[0]?.identify(record))
  prepare?.(checker)
  for (const record of log) checker.read(record)
  return checker.report()
}

/** Two records of one producer that follow one another in a partition. */
export function neighbours(log: readonly Written[]): readonly [Written, Written] {
  const of = log.filter(({ topic, partition, producer }) => topic === 'audit' && partition === 0 && producer === 0)
  const [first, second] = [of[5], of[6]]
  if (first === undefined || second === undefined) throw new Error('too few records')
  return [first, second]
}

/** The log with one record changed. */
export function changed(index: number, change: (record: Written) => Partial<LogRecord>): LogRecord[] {
  return faultlessLog().map((record, at) => (at === index ? { ...record, ...change(record) } : record))
}

/** The last record that is like this. */
export function indexWith(isLike: (record: Written) => boolean): number {
  const index = faultlessLog().findLastIndex(isLike)
  if (index < 0) throw new Error('no such record')
  return index
}

export function only(anomalies: Partial<AnomalyCounts>): AnomalyCounts {
  return { ...noAnomalies(), ...anomalies }
}

export const wantsPartition = (record: Written): boolean => recordOf(record.producer, record.n).partition !== undefined
export const hasValue = ({ value }: Written): boolean => value !== null && value.length > 40
export const hasTimestamp = (record: Written): boolean => recordOf(record.producer, record.n).timestamp !== undefined
export const hasHeaders = ({ headers }: Written): boolean => headers.length > 1 && headers[0]?.[1] === null
