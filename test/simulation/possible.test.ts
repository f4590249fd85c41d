import { describe, expect, test } from 'vitest'
import { planFor } from './plan/histories.ts'
import type { Plan, ProducerPlan } from './plan/plan.ts'
import { mayWaitInVain, triesAgain } from './possible.ts'

const DRAWN = planFor('delivery', 1)
const FAST: Plan['path'] = { ...DRAWN.path, latencyMs: 1, jitterMs: 0, writeBytesMax: 1e6, writeGapMs: 0 }
const MADE_ANEW = { kind: 'topic made anew under a batch', atMs: 0, durationMs: 1, seed: 1 } as const

function planWith(path: Plan['path'], faults: Plan['faults'] = []): Plan {
  return { ...DRAWN, path, faults }
}

function producerWith(maxBlockMs: number, missingPartitions: number): ProducerPlan {
  return {
    config: { acks: 'all', retries: 2 ** 31 - 1, maxBlockMs },
    topics: ['orders'],
    missingPartitions,
    valueBytesUsual: 100,
    valueBytesMax: 100,
    ticksFirst: false,
    steps: [],
  }
}

describe('who has no time to wait for metadata', () => {
  test.each([
    ['names only partitions that are there', producerWith(0, 0), planWith(FAST), false],
    ['names one that is not', producerWith(0, 1), planWith(FAST), true],
    ['names one that is not any more', producerWith(0, 0), planWith(FAST, [MADE_ANEW]), true],
    ['has 3 seconds, which is enough', producerWith(3_000, 1), planWith(FAST), false],
    ['has 3 seconds, and is too far away', producerWith(3_000, 1), planWith({ ...FAST, latencyMs: 250 }), true],
  ])('%s', (_name, producer, plan, expected) => {
    expect(mayWaitInVain(producer, plan)).toBe(expected)
  })

  test('proves nothing about leaders that move, where brokers are far away', () => {
    expect(triesAgain(producerWith(3_000, 0), planWith(FAST))).toBe(true)
    expect(triesAgain(producerWith(3_000, 0), planWith({ ...FAST, latencyMs: 250 }))).toBe(false)
  })
})
