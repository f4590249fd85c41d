import { type Figure, figureFrom, judge, times } from '../report/acceptance.ts'
import { groupsTable, settingsTable } from '../report/contest-tables.ts'
import type { SuiteReport } from '../report/report.ts'
import type { Cluster, TransactionVersion } from '../run/cluster.ts'
import { type Contestant, medianOf, ratioOf, recordsPerSecond, type Results, runRounds } from '../run/rounds.ts'
import type { Measurement } from '../workload.ts'
import { baseWorkload, type Suite, type SuiteContext } from './suite.ts'

const NAME = 'transactions'
const VERSIONS = [1, 2] as const
const LARGE = 1_000

const SMALL_GROUP = { groupRecords: 1, transactional: true }
const LARGE_GROUP = { groupRecords: LARGE, transactional: true }
const PLAIN_GROUP = { groupRecords: LARGE, transactional: false }

/** A record in each partition, as the large groups have them: so as many markers are written. */
function rawGroup(transactional: boolean) {
  return { groupRecords: baseWorkload(false).partitions, transactional }
}

const CONTESTANTS: readonly (Contestant & { readonly workload: { readonly groupRecords: number } })[] = [
  { label: 'linger, 1 record', client: 'linger', workload: SMALL_GROUP },
  { label: 'java, 1 record', client: 'java', workload: SMALL_GROUP },
  { label: 'linger, 1,000 records', client: 'linger', workload: LARGE_GROUP },
  { label: 'java, 1,000 records', client: 'java', workload: LARGE_GROUP },
  { label: 'linger, 1,000 records, no transaction', client: 'linger', workload: PLAIN_GROUP },
  { label: 'java, 1,000 records, no transaction', client: 'java', workload: PLAIN_GROUP },
  { label: 'raw socket, requests of a transaction', client: 'raw-socket', workload: rawGroup(true) },
  { label: 'raw socket, its Produce request alone', client: 'raw-socket', workload: rawGroup(false) },
]

/** One transaction after the other, of one record and of a thousand, by the old protocol and the new one. */
export const transactions: Suite = {
  name: NAME,
  about: 'transactions of 1 and of 1,000 records, v1 and v2',
  async run(context) {
    const reports: SuiteReport[] = []
    for (const version of VERSIONS) reports.push(await runVersion(version, context))
    return {
      suite: NAME,
      tables: reports.flatMap(({ tables }) => tables),
      claims: reports.flatMap(({ claims }) => claims),
      runs: reports.map(({ runs }) => runs),
    }
  },
}

async function runVersion(version: TransactionVersion, context: SuiteContext): Promise<SuiteReport> {
  const { rounds, quick, progress } = context
  progress(`${NAME}: a cluster with transactions v${version}`)
  const cluster = await context.transactionalCluster(version)
  try {
    const times = { warmupMs: quick ? 500 : 2_000, durationMs: quick ? 1_000 : 3_000 }
    const workload = { ...baseWorkload(quick), ...times, mode: 'groups', lingerMs: 0 } as const
    const contest = { suite: `${NAME} v${version}`, workload, contestants: CONTESTANTS, rounds }
    return report(version, cluster, await runRounds(cluster, contest, progress))
  } finally {
    await cluster.stop()
  }
}

function report(version: TransactionVersion, { description }: Cluster, results: Results): SuiteReport {
  const groupRecords = new Map(CONTESTANTS.map(({ label, workload }) => [label, workload.groupRecords]))
  const title = `Transactions v${version}, one after the other, on ${description}`
  return {
    suite: NAME,
    tables: [groupsTable(title, results, groupRecords), settingsTable(results)],
    claims: [
      judge({
        suite: NAME,
        claim: `transactions v${version} of one record: per second against Java's`,
        figure: ratioOf(results, 'linger, 1 record', 'java, 1 record', recordsPerSecond),
        atLeast: 0.9,
        format: times,
      }),
      judge({
        suite: NAME,
        claim: `transactions v${version} of 1,000 records: time without their own round trips, against plain sends`,
        figure: timeBesidesRoundTrips(results),
        atMost: 1.3,
        format: times,
      }),
    ],
    runs: { version, results: [...results.values()] },
  }
}

/** What a transaction adds that is not the wait for its coordinator: that is what the requests take without a client. */
function timeBesidesRoundTrips(results: Results): Figure {
  const millisecondsOf = (label: string, groupRecords: number): Figure =>
    medianOf(results, label, ({ seconds, records }: Measurement) => (seconds * 1_000 * groupRecords) / records)
  const rawRecords = rawGroup(true).groupRecords
  const figures = [
    millisecondsOf('linger, 1,000 records', LARGE),
    millisecondsOf('linger, 1,000 records, no transaction', LARGE),
    millisecondsOf('raw socket, requests of a transaction', rawRecords),
    millisecondsOf('raw socket, its Produce request alone', rawRecords),
  ]
  return figureFrom(
    figures,
    (inTransaction = Number.NaN, plain = Number.NaN, rawTransaction = Number.NaN, rawProduce = Number.NaN) =>
      (inTransaction - (rawTransaction - rawProduce)) / plain,
  )
}
