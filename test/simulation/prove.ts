import type { Cluster } from '@linger/broker'
import type { Application } from './application.ts'
import type { TransactionOracle } from './oracles/transaction-oracle.ts'
import { moveLeaders } from './peace.ts'
import type { Plan } from './plan/plan.ts'
import { canRecover } from './possible.ts'
import type { ProducerProcess } from './producer-process.ts'
import { proveRecovery } from './recovery.ts'
import type { TransactionalApplication } from './transactional-application.ts'
import { canCommit, proveTransactions } from './transactional-recovery.ts'

export interface ProveDeps {
  readonly plan: Plan
  readonly processes: readonly ProducerProcess[]
  readonly after: (delayMs: number, run: () => void) => void
  readonly violate: (what: string) => void
}

/** An application and its number among all. */
export interface NumberedApplication {
  readonly index: number
  readonly application: TransactionalApplication
}

/** What an application can show when nothing goes wrong any more; then it is closed. */
export async function proveApplication(
  index: number,
  application: Application,
  cluster: Cluster,
  { plan, processes, after, violate }: ProveDeps,
): Promise<void> {
  const process = processes[index]
  const producer = plan.producers[index]
  if (process === undefined || producer === undefined) return
  await awake(process, after)
  if (canRecover(producer, plan)) {
    await proveRecovery({
      plan,
      producer,
      application,
      after: (delayMs, run) => after(delayMs, () => process.deliver(run)),
      violate: (what) => violate(`producer ${index}: ${what}`),
      moveLeaders: () => moveLeaders(cluster),
    })
  }
  if (!application.isClosing) application.close()
}

/** One after the other: one that has not begun yet takes over from those before it. */
export async function proveTransactionalApplications(
  all: readonly NumberedApplication[],
  oracle: TransactionOracle,
  { plan, processes, after, violate }: ProveDeps,
): Promise<void> {
  for (const { index, application } of all) {
    const process = processes[index]
    if (process === undefined || process.isDead) continue
    await awake(process, after)
    const isProvable = canCommit(application.plan, plan)
    if (isProvable) {
      await proveTransactions({
        application,
        after: (delayMs, run) => after(delayMs, () => process.deliver(run)),
        isSuperseded: () => isSuperseded(index, all, oracle),
        mayEnd: () => oracle.mayEnd(index) || Object.keys(plan.versions).length > 0,
        violate: (what) => violate(`producer ${index}: ${what}`),
      })
    }
    // Where no answer can be in time an abort has no end.
    if (!application.isClosing) application.close(isProvable ? undefined : 0)
  }
}

/** Its process goes on, if it was frozen. */
function awake(process: ProducerProcess, after: ProveDeps['after']): Promise<void> {
  return new Promise((resolve) => after(0, () => process.deliver(resolve)))
}

/** Another producer was given its transactional id later. */
function isSuperseded(index: number, all: readonly NumberedApplication[], oracle: TransactionOracle): boolean {
  const own = oracle.identityOf(index)
  const idOf = (of: number): string | undefined =>
    all.find((one) => one.index === of)?.application.plan.config.transactionalId
  return all.some((other) => {
    const identity = oracle.identityOf(other.index)
    if (idOf(other.index) !== idOf(index) || identity === undefined || own === undefined) return false
    const { producerId, epoch } = identity
    return producerId > own.producerId || (producerId === own.producerId && epoch > own.epoch)
  })
}
