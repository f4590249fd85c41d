import { KafkaError } from '@linger/producer'
import type { TransactionalApplication } from './transactional-application.ts'
import type { Plan, ProducerPlan, TransactionStep } from './plan/plan.ts'
import { canRecover } from './possible.ts'

/** A transaction of a producer that is gone may have to time out before the next one can begin. */
const ROUNDS_MAX = 8
const PAUSE_MS = 20_000
const RECORDS = 4

export const TRANSACTIONAL_RECOVERY_MS: number = ROUNDS_MAX * PAUSE_MS

export interface TransactionalRecoveryDeps {
  readonly application: TransactionalApplication
  /** Runs something in the process of the producer later. */
  readonly after: (delayMs: number, run: () => void) => void
  /** Another producer has taken over its transactional id. */
  readonly isSuperseded: () => boolean
  /** It was told something that a producer cannot live with. */
  readonly mayEnd: () => boolean
  readonly violate: (what: string) => void
}

const STEP: TransactionStep = {
  do: 'transaction',
  atMs: 0,
  portions: [RECORDS],
  pauseMs: 0,
  call: 'send',
  isAwaited: true,
  hasOffsets: true,
  end: 'commit',
}

/** An answer is there long before the application, or the coordinator of the transaction, stops waiting for it. */
export function canCommit(producer: ProducerPlan, plan: Plan): boolean {
  const { latencyMs, jitterMs, writeBytesMax, writeGapMs } = plan.path
  const roundTripMs = 2 * (latencyMs + jitterMs) + writeGapMs * (1 + 5_000 / writeBytesMax)
  const {
    maxBlockMs = Infinity,
    requestTimeoutMs = Infinity,
    transactionTimeoutMs = Infinity,
    lingerMs = 0,
  } = producer.config
  return (
    canRecover(producer, plan) &&
    12 * roundTripMs < maxBlockMs &&
    4 * roundTripMs < requestTimeoutMs &&
    lingerMs + 8 * roundTripMs < transactionTimeoutMs
  )
}

/**
 * Nothing goes wrong any more: a producer that nobody has taken over from soon commits, and one that was taken over from
 * learns that it is finished.
 */
export async function proveTransactions(deps: TransactionalRecoveryDeps): Promise<void> {
  const { application, after, violate } = deps
  let last = ''
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const outcome = await application.transact(STEP)
    if (outcome.kind !== 'failed') return
    const { error } = outcome
    if (error instanceof KafkaError && error.fatal) {
      if (!deps.mayEnd() && !deps.isSuperseded()) violate(`it is finished without need: ${error.message}`)
      return
    }
    last = error.message
    await new Promise<void>((resolve) => after(PAUSE_MS, resolve))
  }
  if (deps.isSuperseded()) violate(`another has taken over, and it is not finished: ${last}`)
  else violate(`no transaction is committed although nothing goes wrong any more: ${last}`)
}
