import { drawPlan } from './draw-plan.ts'
import { drawTransactionalPlan } from './draw-transactional-plan.ts'
import type { Plan } from './plan.ts'

/** What the histories of a campaign are about. */
export type Histories = 'delivery' | 'transactions'

export function planFor(histories: Histories, seed: number): Plan {
  return histories === 'transactions' ? drawTransactionalPlan(seed) : drawPlan(seed)
}
