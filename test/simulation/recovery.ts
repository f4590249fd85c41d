import { KafkaError } from '@linger/producer'
import type { Application } from './application.ts'
import type { Plan, ProducerPlan } from './plan/plan.ts'

/** Dead connections, old metadata and pauses that brokers asked for are found out by then. */
export const RECOVERY_ROUNDS_MAX = 5
const PAUSE_MS = 30_000
const RECORDS_PER_ROUND = 8

/** How long it may take beside the settling of its records. */
export const RECOVERY_MS: number = RECOVERY_ROUNDS_MAX * PAUSE_MS

export interface RecoveryDeps {
  readonly application: Application
  /** Runs something in the process of the producer later. */
  readonly after: (delayMs: number, run: () => void) => void
  readonly violate: (what: string) => void
}

/**
 * Nothing goes wrong any more: whatever was before, a producer that is neither closed nor fatally failed soon writes all
 * that it is given, and every call that still waits comes to its end.
 */
export async function proveRecovery({ application, after, violate }: RecoveryDeps): Promise<void> {
  let failures: readonly string[] = []
  for (let round = 0; round < RECOVERY_ROUNDS_MAX; round++) {
    if (application.isClosing) return
    const errors = await application.sendNow(RECORDS_PER_ROUND)
    if (errors.some(isEnd)) return
    failures = [...errors.filter((error) => !isRecordsOwn(error)), ...(await application.look())].map(String)
    if (failures.length === 0 && application.openCallCount === 0) return proveClosing(application, violate)
    await new Promise<void>((resolve) => after(PAUSE_MS, resolve))
  }
  if (application.isClosing) return
  if (failures.length > 0) violate(`records fail although nothing goes wrong any more: ${failures[0]}`)
  else violate(`${application.openCallCount} calls never end although nothing goes wrong any more`)
}

/** close() sends what is there, however little time there was. */
async function proveClosing(application: Application, violate: (what: string) => void): Promise<void> {
  const last = application.sendNow(RECORDS_PER_ROUND)
  application.close()
  const errors = (await last).filter((error) => !isRecordsOwn(error))
  if (errors.length > 0) violate(`close() does not send what was there: ${String(errors[0])}`)
}

/** The configuration can work with such brokers on such a network: an answer is there long before it is late. */
export function canRecover({ config }: ProducerPlan, { path, versions }: Plan): boolean {
  const { requestTimeoutMs = 30_000, deliveryTimeoutMs = 120_000 } = config
  const { latencyMs, jitterMs, writeBytesMax, writeGapMs } = path
  if ((versions['Produce'] ?? Infinity) < 3 || (versions['Metadata'] ?? Infinity) < 4) return false
  const writeMs = writeGapMs * (1 + 50_000 / writeBytesMax)
  const roundTripMs = 2 * (latencyMs + jitterMs) + writeMs
  return 4 * roundTripMs < requestTimeoutMs && 20 * roundTripMs < deliveryTimeoutMs
}

function isEnd(error: unknown): boolean {
  return error instanceof KafkaError && (error.fatal || error.code === 'CLOSED')
}

/** It is too large, or names a partition that there is not. */
function isRecordsOwn(error: unknown): boolean {
  return (
    error instanceof KafkaError &&
    ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_ARGUMENT'].includes(error.code)
  )
}
