import { setTimeout as delay } from 'node:timers/promises'
import { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { Fault, FaultWorld, Strike } from './fault.ts'

/** A fault that still misses when the time is over gets so many chances more. */
const EXTRA_ROUNDS_MAX = 3

/** How often a fault struck, and how much it hit in all. */
export interface FaultCount {
  strikes: number
  hits: number
}

export type FaultCounts = ReadonlyMap<string, FaultCount>

export interface StormOptions {
  readonly world: Omit<FaultWorld, 'random'>
  /** 0 to 2^32 - 1. */
  readonly seed: number
  readonly faults: readonly Fault[]
  readonly seconds: number
  /** Between two faults of a kind: from, to. */
  readonly calmMs: readonly [min: number, max: number]
  readonly onBegin: (fault: Fault) => void
  readonly onEnd: (fault: Fault, strike: Strike) => void
}

/**
 * Faults one after another, the network's beside the cluster's, in an order of the seed's and with moments of calm
 * between, until the time is over and each has hit something.
 */
export async function storm(options: StormOptions): Promise<FaultCounts> {
  const { world, seed, faults, seconds, calmMs, onBegin, onEnd } = options
  const counts = new Map(faults.map(({ name }) => [name, { strikes: 0, hits: 0 }]))
  const endMs = performance.now() + seconds * 1_000
  const failed = new AbortController()
  const signal = AbortSignal.any([world.signal, failed.signal])

  const strikeInTurn = async (kind: Fault['kind'], random: SeededRandom): Promise<void> => {
    const mine = faults.filter((fault) => fault.kind === kind)
    const missing = (): Fault[] => mine.filter(({ name }) => counts.get(name)?.hits === 0)
    let extraRounds = 0
    while (performance.now() < endMs ? mine.length > 0 : missing().length > 0 && extraRounds++ < EXTRA_ROUNDS_MAX) {
      for (const fault of random.shuffled(performance.now() < endMs ? mine : missing())) {
        if (performance.now() >= endMs && !missing().includes(fault)) continue
        await delay(random.between(...calmMs), undefined, { signal })
        onBegin(fault)
        const strike = await fault.strike({ ...world, random, signal })
        const count = counts.get(fault.name)
        if (count !== undefined && strike.hits > 0) {
          count.strikes += 1
          count.hits += strike.hits
        }
        onEnd(fault, strike)
      }
    }
  }

  const kinds = (['NETWORK', 'CLUSTER'] as const).map(async (kind, index) => {
    try {
      // Chance of its own: how the two overlap is up to the machine.
      await strikeInTurn(kind, new SeededRandom(seed + index))
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
  const ended = await Promise.allSettled(kinds)
  for (const end of ended) if (end.status === 'rejected') throw failed.signal.reason
  return counts
}
