import { presets } from '@linger/producer'
import { settingsTable, tuningTable } from '../report/contest-tables.ts'
import type { Table } from '../report/report.ts'
import { type Contestant, type Results, runRounds } from '../run/rounds.ts'
import { baseWorkload, type Suite, type SuiteContext } from './suite.ts'

const NAME = 'tuning'
const RECORDS_PER_SECOND = 10_000
const VALUE_BYTES = 1_000
const LINGERS_MS = [0, 1, 5, 20, 100]
const BATCH_SIZES = [4_096, 16_384, 65_536, 262_144, 1_000_000]

/** What the figures of docs/tuning.md are: the presets, and what lingerMs and batchSize alone do. Nothing is judged. */
export const tuning: Suite = {
  name: NAME,
  about: `presets, lingerMs and batchSize: latency at ${RECORDS_PER_SECOND.toLocaleString('en')} records/s, and the most that goes through`,
  async run(context) {
    const parts = [
      await measure('preset', presetContestants(), context),
      await measure(
        'lingerMs',
        LINGERS_MS.map((lingerMs) => contestant(String(lingerMs), { lingerMs })),
        context,
      ),
      await measure(
        'batchSize',
        BATCH_SIZES.map((batchSize) => contestant(String(batchSize), { batchSize })),
        context,
      ),
    ]
    return {
      suite: NAME,
      tables: parts.flatMap(({ tables }) => tables),
      claims: [],
      runs: parts.flatMap(({ results }) => results.map((result) => [...result.values()])),
    }
  },
}

function presetContestants(): readonly Contestant[] {
  return Object.entries(presets).map(([name, { lingerMs, batchSize, compressionType, acks }]) =>
    contestant(name, { lingerMs, batchSize, compressionType, acks, idempotent: acks === 'all' }),
  )
}

function contestant(label: string, workload: Contestant['workload'] & object): Contestant {
  return { label, client: 'linger', workload }
}

interface Part {
  readonly tables: readonly Table[]
  readonly results: readonly Results[]
}

/** First at a rate that no setting has trouble with, and then as fast as it goes. */
async function measure(what: string, contestants: readonly Contestant[], context: SuiteContext): Promise<Part> {
  const { rounds, quick, progress } = context
  const cluster = await context.cluster()
  const workload = { ...baseWorkload(quick), values: 'json', valueBytes: VALUE_BYTES, lingerMs: 0 } as const
  const pace = { mode: 'paced', recordsPerSecond: RECORDS_PER_SECOND } as const
  const contest = { suite: `${NAME}, ${what}`, contestants, rounds }
  const paced = await runRounds(cluster, { ...contest, workload: { ...workload, ...pace } }, progress)
  const fastest = await runRounds(cluster, { ...contest, workload }, progress)
  const title = `By ${what}: JSON values of ${VALUE_BYTES} bytes, 6 partitions, ${RECORDS_PER_SECOND.toLocaleString('en')} records/s and the most`
  return { tables: [tuningTable(title, what, paced, fastest), settingsTable(paced)], results: [paced, fastest] }
}
