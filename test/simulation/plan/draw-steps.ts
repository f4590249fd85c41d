import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { Step } from './plan.ts'

const BURST_MAX = 60

/** A workload: bursts of records at random times, and now and then a call that is about all of them. */
export function drawSteps(random: SeededRandom, recordCount: number, busyMs: number): Step[] {
  const steps: Step[] = []
  const usual = random.pick(['send', 'produce', 'produce'] as const)
  const burstMax = random.pick([1, 5, BURST_MAX, BURST_MAX])
  for (let left = recordCount; left > 0;) {
    const count = Math.min(left, random.between(1, burstMax))
    const kind = random.below(20)
    const call = kind < 16 ? usual : kind < 19 ? 'send' : 'sendAll'
    const abort = call === 'send' && random.isLucky(0.1) ? { abortAfterMs: random.pick([0, 1, 20, 500]) } : {}
    steps.push({ do: call, atMs: random.below(busyMs), count, ...abort })
    left -= count
  }
  for (let left = random.below(4); left > 0; left--) {
    steps.push({ do: 'flush', atMs: random.below(busyMs), ...timeout(random, [0, 5, 500]) })
  }
  if (random.isLucky(0.3)) steps.push({ do: 'connect', atMs: 0 })
  if (random.isLucky(0.3)) steps.push({ do: 'partitionsFor', atMs: random.below(busyMs) })
  if (random.isLucky(0.25)) {
    const atMs = Math.floor(busyMs * (0.5 + random.next() / 2))
    steps.push({ do: 'close', atMs, ...timeout(random, [0, 0, 10, 1_000]) })
    // What comes after is refused, and one refusal is like the other.
    for (const [at, step] of steps.entries()) {
      if (step.atMs > atMs && random.isLucky(0.9)) steps[at] = { ...step, atMs: random.below(atMs) }
    }
  }
  return steps.toSorted((a, b) => a.atMs - b.atMs)
}

function timeout(random: SeededRandom, timeoutsMs: readonly [number, ...number[]]): { readonly timeoutMs?: number } {
  return random.isLucky(0.5) ? { timeoutMs: random.pick(timeoutsMs) } : {}
}
