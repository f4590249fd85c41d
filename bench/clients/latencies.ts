import { createHistogram } from 'node:perf_hooks'
import type { Latencies } from '../workload.ts'

/** How long things took, kept as counts by size: no memory grows while they are measured. */
export class LatencyHistogram {
  readonly #histogram = createHistogram({ lowest: 1, highest: 60_000_000_000, figures: 3 })

  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1e6)))
  }

  percentiles(): Latencies {
    const ms = (percentile: number): number => this.#histogram.percentile(percentile) / 1e6
    return { p50: ms(50), p90: ms(90), p99: ms(99), p999: ms(99.9), max: this.#histogram.max / 1e6 }
  }
}
