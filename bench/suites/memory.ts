import { judge, megabytes } from '../report/acceptance.ts'
import { settingsTable, throughputTable } from '../report/contest-tables.ts'
import { medianOf, runRounds } from '../run/rounds.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'memory'

/** How big the process gets when records come faster than the broker takes them, for a minute. */
export const memory: Suite = {
  name: NAME,
  about: 'peak RSS over 60 s of produce at full rate',
  async run({ cluster, quick, progress }) {
    const workload = { ...baseWorkload(quick), warmupMs: 0, durationMs: quick ? 5_000 : 60_000 }
    const contestants = [{ label: 'linger', client: 'linger' }] as const
    const results = await runRounds(await cluster(), { suite: NAME, workload, contestants, rounds: 1 }, progress)
    return {
      suite: NAME,
      tables: [
        throughputTable(`produce at full rate for ${workload.durationMs / 1_000} s`, results, 'linger'),
        settingsTable(results),
      ],
      claims: [
        judge({
          suite: NAME,
          claim: `peak RSS over ${workload.durationMs / 1_000} s of produce with the default bufferMemory`,
          figure: medianOf(results, 'linger', ({ peakRssBytes }) => peakRssBytes),
          atMost: 150e6,
          format: megabytes,
        }),
      ],
      runs: [...results.values()],
    }
  },
}
