import type { WindowStatistics } from './statistics.ts'

/** Values up to here are told exactly, larger ones to a sixteenth: as many steps lie between two powers of two. */
const STEPS = 16
const STEP_BITS = Math.log2(STEPS)

const PERCENTILES = [50, 75, 90, 95, 99, 99.99] as const

/** Whole numbers from 0 to 2^31 - 1, and how often each came. Only as many are kept as there are different ones. */
export class Distribution {
  #counts = new Map<number, number>()
  #count = 0
  #sum = 0
  #squares = 0
  #min = Infinity
  #max = 0

  record(value: number): void {
    const step = stepOf(value)
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1)
    this.#count++
    this.#sum += value
    this.#squares += value * value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  /** What came since the last time, and begins anew. All is 0 when nothing came. */
  take(): WindowStatistics {
    const count = Math.max(1, this.#count)
    const average = this.#sum / count
    const [p50, p75, p90, p95, p99, p9999] = this.#percentiles()
    const taken = {
      min: this.#count === 0 ? 0 : this.#min,
      max: this.#max,
      avg: Math.round(average),
      sum: this.#sum,
      stddev: Math.round(Math.sqrt(Math.max(0, this.#squares / count - average ** 2))),
      p50,
      p75,
      p90,
      p95,
      p99,
      p99_99: p9999,
      cnt: this.#count,
    }
    this.#counts = new Map()
    this.#count = this.#sum = this.#squares = this.#max = 0
    this.#min = Infinity
    return taken
  }

  #percentiles(): [number, number, number, number, number, number] {
    const steps = [...this.#counts.keys()].toSorted((one, other) => one - other)
    const found: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0]
    let passed = 0
    let next = 0
    for (const step of steps) {
      passed += this.#counts.get(step) ?? 0
      while (next < PERCENTILES.length && passed * 100 >= this.#count * (PERCENTILES[next] ?? 0)) {
        found[next++] = Math.min(this.#max, highestOf(step))
      }
    }
    return found
  }
}

/** Where a value is counted: itself when it is small, else by its exponent and the bits behind the first. */
function stepOf(value: number): number {
  if (value < STEPS) return value
  const shift = 31 - Math.clz32(value) - STEP_BITS
  return (shift + 1) * STEPS + ((value >>> shift) - STEPS)
}

/** The largest value that is counted there. */
function highestOf(step: number): number {
  if (step < STEPS) return step
  const shift = Math.floor(step / STEPS) - 1
  return (STEPS + (step % STEPS) + 1) * 2 ** shift - 1
}
