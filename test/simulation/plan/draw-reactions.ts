import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { ProducerPlan, Reaction, Step } from './plan.ts'

/** Of the producers, those whose callbacks act. */
const SHARE = 0.25

/** The same workload, in some producers with callbacks that act, and records that give them a cause. */
export function withReactions(random: SeededRandom, steps: readonly Step[]): Pick<ProducerPlan, 'steps' | 'reactions'> {
  if (!random.isLucky(SHARE)) return { steps }
  return {
    steps: steps.map((step) => withCause(random, step)),
    reactions: Array.from({ length: random.between(1, 3) }, () => drawReaction(random)),
  }
}

/** Callbacks and promises in one batch, some of which expire. */
function withCause(random: SeededRandom, step: Step): Step {
  if (step.do !== 'send' && step.do !== 'produce') return step
  const call = random.isLucky(0.5) ? step.do : random.pick(['send', 'produce'] as const)
  return random.isLucky(0.3) ? { ...step, do: call, ttlMs: random.pick([1, 5, 50, 300]) } : { ...step, do: call }
}

function drawReaction(random: SeededRandom): Reaction {
  // One end is enough, and comes where there is still something to end.
  if (random.isLucky(0.05)) return { does: 'close', isToFailure: true, every: 1, times: 1 }
  return {
    does: random.pick(['flush', 'send', 'take back', 'take back'] as const),
    isToFailure: random.isLucky(0.7),
    every: random.pick([1, 1, 5, 20]),
    times: random.pick([1, 5, 30]),
  }
}
