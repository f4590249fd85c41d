import { setTimeout as delay } from 'node:timers/promises'
import type { Measurement, Workload } from '../workload.ts'
import type { BenchTopic } from './topics.ts'

/** A commit is answered before its markers are in the log. */
const MARKERS_TIMEOUT_MS = 10_000
const POLL_MS = 20

/** A topic, and what its log must hold: what clients said was acknowledged. */
export interface FilledTopic {
  readonly topic: BenchTopic
  records: number
  /** The markers of transactions take an offset each, too. */
  controlRecords: number
}

/** A client has run. */
export function addRun(
  filled: FilledTopic,
  { transactional, groupRecords, partitions, partitioning }: Omit<Workload, 'topic'>,
  { records, recordsBefore }: Measurement,
): void {
  filled.records += records + recordsBefore
  if (!transactional) return
  const partitionsOfEach = partitioning === 'hot' ? 1 : Math.min(partitions, groupRecords)
  filled.controlRecords += ((records + recordsBefore) / groupRecords) * partitionsOfEach
}

/** @throws Error when the log holds anything else */
export async function assertLogHolds(
  { topic, records, controlRecords }: FilledTopic,
  { markersTimeoutMs = MARKERS_TIMEOUT_MS }: { readonly markersTimeoutMs?: number } = {},
): Promise<void> {
  const deadlineMs = performance.now() + (controlRecords === 0 ? 0 : markersTimeoutMs)
  const expected = records + controlRecords
  let held = await topic.countOffsets()
  while (held < expected && performance.now() < deadlineMs) {
    await delay(POLL_MS)
    held = await topic.countOffsets()
  }
  if (held === expected) return
  const markers = controlRecords === 0 ? '' : ` and ${controlRecords} markers written`
  throw new Error(`${records} records were acknowledged${markers}, the log of ${topic.name} holds ${held}`)
}
