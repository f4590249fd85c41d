import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { Step } from './plan.ts'

/** Of the histories, those with records that expire, and those with records that are held back. */
const SHARE = 0.2
const DELAY_STEPS_MAX = 8
const DELAYED_MAX = 15

/** The same workload, in some histories with records that have a time of their own. */
export function withTiming(random: SeededRandom, steps: readonly Step[], busyMs: number): readonly Step[] {
  const expiring = random.isLucky(SHARE) ? steps.map((step) => withTtl(random, step)) : steps
  if (!random.isLucky(SHARE)) return expiring
  const releasing = expiring.map((step) => withRelease(random, step))
  return [...releasing, ...drawDelays(random, busyMs)].toSorted((a, b) => a.atMs - b.atMs)
}

function withTtl(random: SeededRandom, step: Step): Step {
  if ((step.do !== 'send' && step.do !== 'produce') || random.isLucky(0.5)) return step
  return { ...step, ttlMs: drawTtl(random) }
}

function withRelease(random: SeededRandom, step: Step): Step {
  return (step.do === 'flush' || step.do === 'close') && random.isLucky(0.5) ? { ...step, releases: true } : step
}

function drawDelays(random: SeededRandom, busyMs: number): Step[] {
  return Array.from({ length: random.between(1, DELAY_STEPS_MAX) }, () => ({
    do: 'delay',
    atMs: random.below(busyMs),
    count: random.between(1, DELAYED_MAX),
    delayMs: random.pick([1, 20, 300, 300, 5_000, 60_000]),
    isUntil: random.isLucky(0.3),
    ...(random.isLucky(0.2) ? { ttlMs: drawTtl(random) } : {}),
    ...(random.isLucky(0.2) ? { abortAfterMs: random.pick([0, 10, 1_000]) } : {}),
  }))
}

function drawTtl(random: SeededRandom): number {
  return random.pick([1, 5, 50, 300, 2_000, 20_000])
}
