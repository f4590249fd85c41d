import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge, megabytes } from '../report/acceptance.ts'
import { settingsTable, throughputTable } from '../report/contest-tables.ts'
import type { SuiteReport } from '../report/report.ts'
import { packedLingerClient } from '../run/packed-producer.ts'
import { medianOf, type Results, runRounds } from '../run/rounds.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'memory'

/** How big the process gets when records come faster than the broker takes them, for a minute: the packed package, as users get it. */
export const memory: Suite = {
  name: NAME,
  about: 'peak RSS over 60 s of produce at full rate',
  async run({ cluster, quick, progress }) {
    const folder = await mkdtemp(join(tmpdir(), 'linger-memory-'))
    try {
      progress(`${NAME}: packing`)
      const client = await packedLingerClient(folder)
      const workload = { ...baseWorkload(quick), warmupMs: 0, durationMs: quick ? 5_000 : 60_000 }
      const contest = { suite: NAME, workload, contestants: [{ label: 'linger', client }], rounds: 1 }
      return report(await runRounds(await cluster(), contest, progress), workload.durationMs / 1_000)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

function report(results: Results, seconds: number): SuiteReport {
  return {
    suite: NAME,
    tables: [throughputTable(`produce at full rate for ${seconds} s`, results, 'linger'), settingsTable(results)],
    claims: [
      judge({
        suite: NAME,
        claim: `peak RSS over ${seconds} s of produce with the default bufferMemory`,
        figure: medianOf(results, 'linger', ({ peakRssBytes }) => peakRssBytes),
        atMost: 150e6,
        format: megabytes,
      }),
    ],
    runs: [...results.values()],
  }
}
