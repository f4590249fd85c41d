import { figureFrom, judge, times } from '../report/acceptance.ts'
import { settingsTable, throughputTable } from '../report/contest-tables.ts'
import { type Contestant, cpuMicrosPerRecord, ratioOf, recordsPerSecond, runRounds } from '../run/rounds.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'throughput-promise'
const CLIENTS = ['limit', 'linger', 'librdkafka', 'franz-go', 'java', 'confluent', 'platformatic', 'kafkajs'] as const

/** A promise per record with a fixed number of them outstanding, as a server with so many requests at a time has. */
export const throughputPromise: Suite = {
  name: NAME,
  about: 'a promise per record, 1,000 outstanding and 1',
  async run({ cluster, rounds, quick, progress }) {
    const workload = { ...baseWorkload(quick), mode: 'promise', outstanding: 1_000, lingerMs: 0 } as const
    const contestants: readonly Contestant[] = [
      ...CLIENTS.map((client) => ({ label: client, client })),
      // librdkafka at its cheapest: large batches at full rate. Linger's promises are held against the better of both.
      { label: 'librdkafka, full rate', client: 'librdkafka', workload: { mode: 'callback', lingerMs: 5 } },
      ...CLIENTS.map((client) => ({ label: `${client}, 1 outstanding`, client, workload: { outstanding: 1 } })),
    ]
    const contest = { suite: NAME, workload, contestants, rounds }
    const results = await runRounds(await cluster(), contest, progress)

    const cpuRatios = ['librdkafka', 'librdkafka, full rate'].map((label) =>
      ratioOf(results, 'linger', label, cpuMicrosPerRecord),
    )
    const rateClaim = (peer: string, atLeast: number) =>
      judge({
        suite: NAME,
        claim: `send, 1,000 outstanding: records/s against one-record sends of ${peer}`,
        figure: ratioOf(results, 'linger', peer, recordsPerSecond),
        atLeast,
        format: times,
      })
    return {
      suite: NAME,
      tables: [
        throughputTable('A promise per record (native clients: a callback), 1,000 outstanding or 1', results, 'linger'),
        settingsTable(results),
      ],
      claims: [
        judge({
          suite: NAME,
          claim: "send, 1,000 outstanding: CPU per record against librdkafka's (the cheaper of its two)",
          figure: figureFrom(cpuRatios, Math.max),
          atMost: 1,
          format: times,
        }),
        rateClaim('kafkajs', 100),
        rateClaim('platformatic', 50),
      ],
      runs: [...results.values()],
    }
  },
}
