import { KafkaError } from '@linger/producer'
import type { Application } from './application.ts'
import type { Plan, ProducerPlan } from './plan/plan.ts'
import { mayWaitInVain, triesAgain } from './possible.ts'

/**
 * Dead connections, old metadata and pauses that brokers asked for are found out by then. So is memory free that was full of
 * records of two minutes, when brokers are far away and take them one by one.
 */
export const RECOVERY_ROUNDS_MAX = 7
const PAUSE_MS = 30_000
const RECORDS_PER_ROUND = 8
/** That a broker may have asked for before. */
const LONGEST_PAUSE_MS = 61_000

/** How long it may take beside the settling of its records. */
export const RECOVERY_MS: number = RECOVERY_ROUNDS_MAX * PAUSE_MS + LONGEST_PAUSE_MS

export interface RecoveryDeps {
  readonly plan: Plan
  readonly producer: ProducerPlan
  readonly application: Application
  /** Runs something in the process of the producer later. */
  readonly after: (delayMs: number, run: () => void) => void
  readonly violate: (what: string) => void
  /** Every partition that can gets another leader, as in a rolling restart. */
  readonly moveLeaders: () => void
}

/**
 * Nothing goes wrong any more: whatever was before, a producer that is neither closed nor fatally failed soon writes all
 * that it is given, and every call that still waits comes to its end.
 */
export async function proveRecovery(deps: RecoveryDeps): Promise<void> {
  const { application, after, violate } = deps
  let failures: readonly string[] = []
  for (let round = 0; round < RECOVERY_ROUNDS_MAX; round++) {
    if (application.isClosing) return
    const errors = await application.sendNow(RECORDS_PER_ROUND)
    if (errors.some(isEnd)) return
    failures = [...errors.filter((error) => !isRecordsOwn(error, deps)), ...(await application.look())].map(String)
    if (failures.length === 0 && application.openCallCount === 0) {
      if (triesAgain(deps.producer, deps.plan)) await proveLeadersMayMove(deps)
      return proveClosing(application, violate)
    }
    await new Promise<void>((resolve) => after(PAUSE_MS, resolve))
  }
  if (application.isClosing) return
  if (failures.length > 0) violate(`records fail although nothing goes wrong any more: ${failures[0]}`)
  else violate(`${application.openCallCount} calls never end although nothing goes wrong any more`)
}

/** With retries a leader that moves costs no record, whenever it does. */
async function proveLeadersMayMove(deps: RecoveryDeps): Promise<void> {
  const { application, after, violate, moveLeaders } = deps
  await new Promise<void>((resolve) => after(LONGEST_PAUSE_MS, resolve))
  for (const delayMs of [0, 1, 20]) {
    const sends = application.sendNow(RECORDS_PER_ROUND)
    after(delayMs, moveLeaders)
    const lost = (await sends).filter((error) => !isRecordsOwn(error, deps))
    if (lost.length > 0) violate(`a leader has moved, and records fail: ${lost.map(String)[0]}`)
  }
}

/** close() sends what is there, however little time there was. */
async function proveClosing(application: Application, violate: (what: string) => void): Promise<void> {
  const last = application.sendNow(RECORDS_PER_ROUND)
  application.close()
  const discarded = (await last).find(isEnd)
  if (discarded !== undefined) violate(`close() does not send what was there: ${String(discarded)}`)
}

function isEnd(error: unknown): error is KafkaError {
  return error instanceof KafkaError && (error.fatal || error.code === 'CLOSED')
}

/** It is too large, or names a partition that there is not. */
function isRecordsOwn(error: unknown, { producer, plan }: RecoveryDeps): boolean {
  if (!(error instanceof KafkaError)) return false
  const own = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_ARGUMENT']
  return own.includes(error.code) || (error.code === 'METADATA_TIMEOUT' && mayWaitInVain(producer, plan))
}
