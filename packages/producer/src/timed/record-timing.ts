import { invalidArgument } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import { checkTopic } from '../record/record-checks.ts'

/** 24 days: what is to wait longer needs a place that lasts. */
const DELAY_MS_MAX = 2_147_483_647

export interface RecordTiming {
  /** How long it may wait to be sent. */
  readonly ttlMs: number | undefined
  /** Until when it is held back, on the scale of `now()`; undefined when it is not. */
  readonly dueMs: number | undefined
}

/** @throws KafkaError INVALID_ARGUMENT */
export function timingOf(record: GivenRecord, clock: Clock): RecordTiming {
  checkTiming(record, clock.wallTime())
  const { ttlMs, delayMs, deliverAt } = record
  const heldMs = deliverAt === undefined ? (delayMs ?? 0) : deliverAt - clock.wallTime()
  return { ttlMs, dueMs: heldMs > 0 ? clock.now() + heldMs : undefined }
}

/** @throws KafkaError INVALID_ARGUMENT */
export function checkTiming({ topic, ttlMs, delayMs, deliverAt }: GivenRecord, wallTimeMs: number): void {
  checkTopic(topic)
  if (ttlMs !== undefined) check(topic, 'ttlMs', ttlMs, 1, DELAY_MS_MAX)
  if (delayMs !== undefined) check(topic, 'delayMs', delayMs, 0, DELAY_MS_MAX)
  if (deliverAt !== undefined) check(topic, 'deliverAt', deliverAt, 0, wallTimeMs + DELAY_MS_MAX)
  if (delayMs !== undefined && deliverAt !== undefined)
    throw invalidArgument(`${topic}: a record has delayMs or deliverAt, not both`)
}

function check(topic: string, name: string, value: unknown, from: number, to: number): void {
  if (typeof value === 'number' && value >= from && value <= to) return
  const shown = typeof value === 'number' ? String(value) : `a ${typeof value}`
  throw invalidArgument(`${topic}: ${name} must be milliseconds from ${from} to ${to}, not ${shown}`)
}
