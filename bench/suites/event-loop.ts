import { figureFrom, judge, milliseconds, percent } from '../report/acceptance.ts'
import { eventLoopTable, settingsTable } from '../report/contest-tables.ts'
import { startSink } from '../run/cluster.ts'
import { type Contestant, medianOf, recordsPerSecond, runRounds } from '../run/rounds.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'event-loop'
const CODECS = ['lz4', 'zstd'] as const

/** What compression leaves of the event loop to others, at half of what the producer could do. */
export const eventLoop: Suite = {
  name: NAME,
  about:
    'at half the maximum rate with lz4 and zstd: how busy the event loop is, and how late a timer rings (always on the sink)',
  async run({ rounds, quick, progress }) {
    const sink = await startSink()
    try {
      const workload = { ...baseWorkload(quick), values: 'json', valueBytes: 1_000 } as const
      const contestants = CODECS.map((codec): Contestant => {
        return { label: codec, client: 'linger', workload: { compressionType: codec } }
      })
      const fastest = await runRounds(sink, { suite: `${NAME}, maximum`, workload, contestants, rounds }, progress)
      const paced = CODECS.map((codec): Contestant => {
        const maximum = medianOf(fastest, codec, recordsPerSecond)
        if (typeof maximum !== 'number') throw new Error(`${codec}: ${maximum.why}`)
        const pace = { mode: 'paced', recordsPerSecond: Math.round(maximum / 2) } as const
        return { label: codec, client: 'linger', workload: { compressionType: codec, ...pace } }
      })
      const results = await runRounds(sink, { suite: NAME, workload, contestants: paced, rounds }, progress)
      return {
        suite: NAME,
        tables: [
          eventLoopTable('Half the maximum rate, JSON values of 1,000 bytes, on the sink', results, fastest),
          settingsTable(results),
        ],
        claims: CODECS.flatMap((codec) => [
          judge({
            suite: NAME,
            claim: `${codec} at half the maximum rate: the rate that it held, against the maximum`,
            figure: figureFrom(
              [results, fastest].map((rates) => medianOf(rates, codec, recordsPerSecond)),
              (held = Number.NaN, maximum = Number.NaN) => held / maximum,
            ),
            atLeast: 0.48,
            format: percent,
          }),
          judge({
            suite: NAME,
            claim: `${codec} at half the maximum rate: event loop utilization`,
            figure: medianOf(results, codec, ({ eventLoop: loop }) => loop?.utilization ?? Number.NaN),
            atMost: 0.6,
            format: percent,
          }),
          judge({
            suite: NAME,
            claim: `${codec} at half the maximum rate: a 10 ms timer's lateness, p99`,
            figure: medianOf(results, codec, ({ eventLoop: loop }) => loop?.timerLateMs.p99 ?? Number.NaN),
            atMost: 5,
            format: milliseconds,
          }),
        ]),
        runs: { fastest: [...fastest.values()], results: [...results.values()] },
      }
    } finally {
      await sink.stop()
    }
  },
}
