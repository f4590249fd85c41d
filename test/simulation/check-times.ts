import { Application, type RunningApplication } from './application.ts'
import type { FirstAttempts } from './oracles/first-attempts.ts'
import type { ProducerProcess } from './producer-process.ts'
import type { RecordTimes, Stream } from './record-stream.ts'

/** What happens at one time is not done in one moment. */
const SLACK_MS = 60

/** A timer knows whole milliseconds. */
const TICK_MS = 1

type Process = Pick<ProducerProcess, 'frozenMs'>
type Attempts = Pick<FirstAttempts, 'atMsOf'>

/** What became of records with a time of their own, where that is not what they asked for. In words. */
export function checkTimes(
  applications: readonly RunningApplication[],
  processes: readonly Process[],
  attempts: Attempts,
): string[] {
  return applications.flatMap((application, index) => {
    const process = processes[index]
    if (!(application instanceof Application) || process === undefined) return []
    const { singles, delayed } = application
    const wrong = [...wrongTimes(singles, (n) => singles.history.sentAtMsOf(n), process, attempts)]
    if (delayed !== undefined) wrong.push(...wrongTimes(delayed.stream, (n) => delayed.dueMsOf(n), process, attempts))
    return wrong.map((what) => `producer ${index}: ${what}`)
  })
}

/** @param dueMsOf from when on a record may be sent, and its `ttlMs` counts */
export function wrongTimes(
  stream: Pick<Stream, 'name' | 'times' | 'expired' | 'history' | 'records'>,
  dueMsOf: (n: number) => number,
  process: Process,
  attempts: Attempts,
): string[] {
  const { name, times, expired, history, records } = stream
  const wrong: string[] = []
  for (const n of expired) if (times.get(n)?.ttlMs === undefined) wrong.push(`${name} ${n} has expired without a ttlMs`)
  for (const [n, { ttlMs }] of times) {
    const sentMs = attempts.atMsOf({ producer: records.producer, n })
    const record: TimedRecord = { dueMs: dueMsOf(n), ttlMs, sentMs, settledMs: history.settledAtMsOf(n) }
    for (const what of faults(record, expired.has(n), process)) wrong.push(`${name} ${n} ${what}`)
  }
  return wrong
}

interface TimedRecord extends RecordTimes {
  readonly dueMs: number
  /** Undefined when it never was on the wire. */
  readonly sentMs: number | undefined
  readonly settledMs: number
}

function faults({ dueMs, ttlMs, sentMs, settledMs }: TimedRecord, isExpired: boolean, process: Process): string[] {
  if (sentMs !== undefined && sentMs < dueMs - TICK_MS) return [`was sent ${dueMs - sentMs} ms before its time`]
  if (ttlMs === undefined) return []
  const awakeMs = (untilMs: number): number => untilMs - dueMs - process.frozenMs(dueMs, untilMs)
  if (sentMs !== undefined) {
    if (isExpired) return ['was sent, and has expired']
    return awakeMs(sentMs) > ttlMs + TICK_MS ? [`was sent ${awakeMs(sentMs)} ms after its time, not ${ttlMs}`] : []
  }
  if (isExpired && settledMs < dueMs + ttlMs - TICK_MS) return [`has expired before its ${ttlMs} ms were over`]
  return awakeMs(settledMs) > ttlMs + SLACK_MS ? [`was told ${awakeMs(settledMs)} ms after its time, not ${ttlMs}`] : []
}
