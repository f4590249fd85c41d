import { type Figure, figureFrom, judge, times } from '../report/acceptance.ts'
import { latencyMicros, latencyTable, settingsTable } from '../report/contest-tables.ts'
import { medianOf, type Results, runRounds } from '../run/rounds.ts'
import type { Latencies } from '../workload.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'awaited-latency'
const TIME_LIMIT_MS = 120_000

/** One awaited send at a time. The raw socket shows what broker and kernel alone cost. */
export const awaitedLatency: Suite = {
  name: NAME,
  about: 'one awaited send at a time, latency percentiles',
  async run({ cluster, rounds, quick, progress }) {
    const workload = {
      ...baseWorkload(quick),
      mode: 'awaited',
      partitioning: 'hot',
      lingerMs: 0,
      // As many as are measured: V8 and the JVM compile on the second processor, which is the broker's, and for the first
      // ten thousand sends the tail of a program in either is that of its compiler.
      warmupRecords: quick ? 500 : 20_000,
      warmupMs: TIME_LIMIT_MS,
      records: quick ? 2_000 : 20_000,
      durationMs: TIME_LIMIT_MS,
    } as const
    const contestants = [
      { label: 'raw socket', client: 'raw-socket' },
      { label: 'limit', client: 'limit' },
      { label: 'linger', client: 'linger' },
      { label: 'librdkafka', client: 'librdkafka' },
      { label: 'franz-go', client: 'franz-go' },
      { label: 'java', client: 'java' },
      { label: 'confluent', client: 'confluent' },
      { label: 'platformatic', client: 'platformatic' },
      { label: 'kafkajs', client: 'kafkajs' },
    ] as const
    const results = await runRounds(await cluster(), { suite: NAME, workload, contestants, rounds }, progress)
    return {
      suite: NAME,
      tables: [
        latencyTable(`One awaited send at a time, ${workload.records} per round, medians of the rounds`, results),
        settingsTable(results),
      ],
      claims: [
        judge({
          suite: NAME,
          claim: "one awaited send: p50 against the raw socket's",
          figure: percentileRatio(results, 'p50'),
          atMost: 1.2,
          format: times,
        }),
        judge({
          suite: NAME,
          claim: "one awaited send: p99 against the raw socket's",
          figure: percentileRatio(results, 'p99'),
          atMost: 1.5,
          format: times,
        }),
      ],
      runs: [...results.values()],
    }
  },
}

/** Of the medians, not the median of the ratios: the tail of a single round is mostly the broker's own. */
function percentileRatio(results: Results, percentile: keyof Latencies): Figure {
  const medians = ['linger', 'raw socket'].map((label) => medianOf(results, label, latencyMicros(percentile)))
  return figureFrom(medians, (ours = Number.NaN, floor = Number.NaN) => ours / floor)
}
