import { type Anomaly, type AnomalyCounts, Findings } from './anomaly.ts'
import { type DeliveryPromise, EXACTLY_ONCE } from './delivery-promise.ts'
import { differenceOf, type LogRecord, type SentRecord } from './log-record.ts'
import { type ProducerHistory, Settlement } from './producer-history.ts'

/** A producer under judgement. */
export interface JudgedProducer {
  readonly history: ProducerHistory
  readonly promise: DeliveryPromise
  /** Makes record `n` again, as it was sent. */
  readonly recordAt: (n: number) => SentRecord
  /** Records with the same text as key go to the same partition: the partitioner looks at keys, and none was added. */
  readonly keysKeepPartition?: boolean
  /** By number: the places of records whose order is not that of their numbers. */
  readonly ranks?: readonly number[]
  /** Records with such an old timestamp of their own may be there twice: see `forgottenUntilMs`. */
  readonly forgottenUntilMs?: number
}

/** Which record of which producer this is. */
export interface Identity {
  readonly producer: number
  readonly n: number
}

export interface DeliveryReport {
  /** Records handed to producers that took them. */
  readonly sent: number
  readonly acked: number
  readonly never: number
  readonly unknown: number
  /** Acknowledged, found where it was said, in order, byte for byte. */
  readonly verified: number
  /** Acknowledged without an offset, where one could be expected. */
  readonly withoutOffset: number
  readonly anomalies: AnomalyCounts
  /** What the configuration leaves open, or the cluster is to blame for. */
  readonly permitted: AnomalyCounts
  /** The first few anomalies, for a person. */
  readonly examples: readonly string[]
}

/** What is known of one producer's records as they are read. */
interface Reading {
  readonly copies: Uint8Array
  /** A copy stands at the offset that was acknowledged. */
  readonly isAtOffset: Uint8Array
  /** Copies that were not in order, in place or intact. */
  readonly isFaulty: Uint8Array
  /** By partition: the newest number read so far of those whose order is promised. */
  readonly newest: Map<string, number>
  readonly partitionOfKey: Map<string, number>
}

const COPIES_MAX = 255

/** Promises are told a little later than callbacks of the same batch. */
const SAME_TIME_MS = 20

/**
 * Compares what a log holds with what producers were given and what they said of it.
 *
 * When every record is settled, tell it of every record `read`, partition by partition in the order of their offsets;
 * then ask for the `report`. One pass; a few bytes per record, whose contents are made again from their numbers.
 */
export class DeliveryChecker {
  readonly #identify: (record: LogRecord) => Identity | undefined
  readonly #producers: readonly JudgedProducer[]
  readonly #readings: readonly Reading[]
  readonly #findings = new Findings()
  /** Partitions whose log lost acknowledged records, and not by the producer's doing: those sent before this time. */
  readonly #excused = new Map<string, number>()
  /** Acknowledged records that are not at their offset. */
  readonly #untrue: {
    readonly place: string
    readonly offset: number
    readonly producer: number
    readonly n: number
  }[] = []

  /** @param identify undefined for a record that none of these producers made */
  constructor(producers: readonly JudgedProducer[], identify: (record: LogRecord) => Identity | undefined) {
    this.#identify = identify
    this.#producers = producers
    this.#readings = producers.map(({ history: { count } }) => ({
      copies: new Uint8Array(count),
      isAtOffset: new Uint8Array(count),
      isFaulty: new Uint8Array(count),
      newest: new Map(),
      partitionOfKey: new Map(),
    }))
    for (const [index, { history, promise }] of producers.entries()) {
      for (const { anomaly, n, text } of history.anomalies) {
        this.#findings.note(anomaly, promise, () => `record ${n} of producer ${index} ${text}`)
      }
    }
  }

  /**
   * The log of this partition was cut or deleted: what is missing there, and offsets there, prove nothing of records that
   * were sent before.
   */
  excuse(topic: string, partition: number, sentBeforeMs: number = Infinity): void {
    this.#excused.set(`${topic}-${partition}`, sentBeforeMs)
  }

  read(record: LogRecord): void {
    const identity = this.#identify(record)
    const producer = this.#producers[identity?.producer ?? -1]
    const reading = this.#readings[identity?.producer ?? -1]
    if (identity === undefined || producer === undefined || reading === undefined) {
      this.#invented(record, 'is not of these producers')
      return
    }
    const { n } = identity
    const settlement = producer.history.settlementOf(n)
    if (settlement === Settlement.UNSENT) {
      this.#invented(record, `is record ${n}, which was never sent or not taken`)
      return
    }
    const place = `${record.topic}-${record.partition}`
    const copies = Math.min((reading.copies[n] ?? 0) + 1, COPIES_MAX)
    reading.copies[n] = copies
    const isAcked = settlement === Settlement.ACKED
    if (isAcked && record.offset === producer.history.offsetOf(n)) reading.isAtOffset[n] = 1

    const faults: Fault[] = []
    if (settlement === Settlement.NEVER) faults.push(['untrueNever', 'said never to be written'])
    if (copies > 1)
      faults.push([
        'duplicated',
        `copy ${copies}; sent at ${Math.round(producer.history.sentAtMsOf(n))} ms, acknowledged at offset ${producer.history.offsetOf(n)}`,
      ])
    else if (this.#isOfLostLog(producer, n, place, record.offset))
      faults.push(['duplicated', 'a copy of one that is gone', true])
    else faults.push(...orderFaults(producer, reading, n, place))
    const sent = producer.recordAt(n)
    faults.push(...placeFaults(producer, reading, n, sent, record))
    const difference = differenceOf(sent, record) ?? timestampDifference(producer.history, n, sent, record)
    if (difference !== undefined) faults.push(['corrupted', `with ${difference}`])

    for (const [anomaly, text, isOfLostLog = false] of faults) {
      const isExcused = isOfLostLog || (anomaly === 'duplicated' && isForgotten(producer, record))
      const example = (): string => `${place}@${record.offset} is record ${n} of producer ${identity.producer}, ${text}`
      this.#findings.note(anomaly, producer.promise, example, isExcused)
      if (anomaly !== 'duplicated') reading.isFaulty[n] = 1
    }
  }

  /** Call it once, when everything is read: only then is a record known to be lost. */
  report(): DeliveryReport {
    const counts = { sent: 0, acked: 0, never: 0, unknown: 0, verified: 0, withoutOffset: 0 }
    for (const [index, producer] of this.#producers.entries()) {
      const { history, promise } = producer
      for (let n = 0; n < history.count; n++) {
        const settlement = history.settlementOf(n)
        if (settlement === Settlement.UNSENT) continue
        counts.sent += 1
        if (settlement === Settlement.ACKED) {
          counts.acked += 1
          if (this.#checkAcked(index, producer, n)) counts.verified += 1
          if (!promise.knowsNoOffset && Number.isNaN(history.offsetOf(n))) counts.withoutOffset += 1
        } else if (settlement === Settlement.NEVER) counts.never += 1
        else if (settlement === Settlement.UNKNOWN) counts.unknown += 1
        else this.#findings.note('unsettled', promise, () => `record ${n} of producer ${index}`)
      }
    }
    this.#checkSharedOffsets()
    const { counts: anomalies, permitted, examples } = this.#findings
    return { ...counts, anomalies, permitted, examples }
  }

  /** True when nothing is wrong with an acknowledged record. */
  #checkAcked(index: number, { history, promise, recordAt }: JudgedProducer, n: number): boolean {
    const reading = this.#readings[index]
    if (reading === undefined) return false
    const isThere = reading.copies[n] !== 0
    const offset = history.offsetOf(n)
    const isTrue = Number.isNaN(offset) || (!promise.knowsNoOffset && reading.isAtOffset[n] === 1)
    if (isThere && isTrue) return reading.isFaulty[n] === 0

    const place = `${recordAt(n).topic}-${history.partitionOf(n)}`
    const about = (): string => `record ${n} of producer ${index}, acknowledged at ${place}@${offset}`
    const isExcused = this.#isExcused(history, n, place)
    if (!isThere) this.#findings.note('lost', promise, about, isExcused)
    if (!isTrue && (isThere || promise.knowsNoOffset)) {
      this.#findings.note('untrueOffset', promise, about, isExcused && !promise.knowsNoOffset)
    }
    if (!isTrue && !promise.knowsNoOffset) this.#untrue.push({ place, offset, producer: index, n })
    return false
  }

  /** Two acknowledged records at one offset: one of them is not there. */
  #checkSharedOffsets(): void {
    if (this.#untrue.length === 0) return
    const taken = new Set<string>()
    for (const [index, { history, recordAt }] of this.#producers.entries()) {
      for (let n = 0; n < history.count; n++) {
        if (this.#readings[index]?.isAtOffset[n] !== 1) continue
        taken.add(`${recordAt(n).topic}-${history.partitionOf(n)}@${history.offsetOf(n)}`)
      }
    }
    for (const { place, offset, producer, n } of this.#untrue) {
      const at = `${place}@${offset}`
      const { promise, history } = this.#producers[producer] ?? {}
      if (taken.has(at) && promise !== undefined && history !== undefined) {
        const about = (): string => `record ${n} of producer ${producer} at ${at}`
        this.#findings.note('sharedOffset', promise, about, this.#isExcused(history, n, place))
      }
      taken.add(at)
    }
  }

  /** It was acknowledged in a log that was cut or deleted, and a copy of it came late: it has no place in the order. */
  #isOfLostLog({ history, promise }: JudgedProducer, n: number, place: string, offset: number): boolean {
    const isAcked = history.settlementOf(n) === Settlement.ACKED
    const isElsewhere = isAcked && history.offsetOf(n) !== offset
    return isElsewhere && promise.copiesLostLogs && this.#isExcused(history, n, place)
  }

  #isExcused(history: ProducerHistory, n: number, place: string): boolean {
    return history.sentAtMsOf(n) < (this.#excused.get(place) ?? -Infinity)
  }

  #invented({ topic, partition, offset }: LogRecord, text: string): void {
    this.#findings.note('invented', EXACTLY_ONCE, () => `${topic}-${partition}@${offset} ${text}`)
  }
}

function isForgotten(
  { forgottenUntilMs = -Infinity }: JudgedProducer,
  { timestamp, timestampType }: LogRecord,
): boolean {
  return timestampType === 'CREATE_TIME' && timestamp <= forgottenUntilMs
}

type Fault = readonly [anomaly: Anomaly, text: string, isOfLostLog?: boolean]

const NO_FAULTS: readonly Fault[] = []

function orderFaults(
  { history, promise, ranks }: JudgedProducer,
  reading: Reading,
  n: number,
  place: string,
): readonly Fault[] {
  if (!promise.ordersUnknown && history.settlementOf(n) !== Settlement.ACKED) return NO_FAULTS
  const newest = reading.newest.get(place) ?? -1
  const isBehind = ranks === undefined ? n <= newest : (ranks[n] ?? 0) <= (ranks[newest] ?? -1)
  if (isBehind) return [['reordered', `behind ${newest}`]]
  reading.newest.set(place, n)
  const isSettledBefore = newest >= 0 && history.settledAtMsOf(n) + SAME_TIME_MS < history.settledAtMsOf(newest)
  if (!isSettledBefore) return NO_FAULTS
  return [['settledOutOfOrder', `settled before record ${newest}`]]
}

function placeFaults(
  { history, keysKeepPartition = false }: JudgedProducer,
  { partitionOfKey }: Reading,
  n: number,
  sent: SentRecord,
  { topic, partition }: LogRecord,
): readonly Fault[] {
  const isAcked = history.settlementOf(n) === Settlement.ACKED
  const isRight =
    topic === sent.topic &&
    (sent.partition === undefined || partition === sent.partition) &&
    (!isAcked || partition === history.partitionOf(n))
  if (!isRight) {
    const acknowledged = isAcked ? `acknowledged in ${history.partitionOf(n)}` : 'not acknowledged'
    return [['misplaced', `sent to ${sent.topic}-${sent.partition ?? 'any'}, ${acknowledged}`]]
  }
  if (!keysKeepPartition || typeof sent.key !== 'string' || sent.partition !== undefined) return NO_FAULTS
  const key = `${topic} ${sent.key}`
  const expected = partitionOfKey.get(key) ?? partition
  partitionOfKey.set(key, expected)
  return partition === expected ? NO_FAULTS : [['misplaced', `whose key "${sent.key}" belongs to ${expected}`]]
}

function timestampDifference(
  history: ProducerHistory,
  n: number,
  sent: SentRecord,
  { offset, timestamp, timestampType }: LogRecord,
): string | undefined {
  // The broker's time is told with the offset, and each copy has its own.
  const isTold = timestampType === 'CREATE_TIME' || offset === history.offsetOf(n)
  const acked = history.settlementOf(n) === Settlement.ACKED && isTold ? history.timestampOf(n) : timestamp
  const expected = timestampType === 'CREATE_TIME' ? (sent.timestamp ?? acked) : acked
  return timestamp === expected ? undefined : `the timestamp ${timestamp}, not ${expected}`
}
