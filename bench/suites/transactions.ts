import { type AcceptanceRow, type Figure, figureFrom, judge, times } from '../report/acceptance.ts'
import { groupsTable, latencyMicros, settingsTable } from '../report/contest-tables.ts'
import type { SuiteReport } from '../report/report.ts'
import { type Cluster, startTransactionalEmbedded, type TransactionVersion } from '../run/cluster.ts'
import {
  type Contest,
  type Contestant,
  medianOf,
  ratioOf,
  recordsPerSecond,
  type Results,
  runRounds,
} from '../run/rounds.ts'
import { baseWorkload, type Suite, type SuiteContext } from './suite.ts'

const NAME = 'transactions'
const VERSIONS = [1, 2] as const
const LARGE = 1_000
const WARM_UP_MS = 15_000

const SMALL_GROUP = { groupRecords: 1, transactional: true }
const LARGE_GROUP = { groupRecords: LARGE, transactional: true }
const PLAIN_GROUP = { groupRecords: LARGE, transactional: false }

/** A record in each partition, as the large groups have them: so as many markers are written. */
function rawGroup(transactional: boolean) {
  return { groupRecords: baseWorkload(false).partitions, transactional }
}

type Group = Contestant & { readonly workload: { readonly groupRecords: number } }

/** For the time that a transaction adds: the raw socket has its requests alone. */
const COST: readonly Group[] = [
  { label: 'raw socket, requests of a transaction', client: 'raw-socket', workload: rawGroup(true) },
  { label: 'raw socket, its Produce request alone', client: 'raw-socket', workload: rawGroup(false) },
  { label: 'linger, 1,000 records', client: 'linger', workload: LARGE_GROUP },
  { label: 'linger, 1,000 records, no transaction', client: 'linger', workload: PLAIN_GROUP },
]

const RATES: readonly Group[] = [
  ...COST,
  { label: 'java, 1,000 records', client: 'java', workload: LARGE_GROUP },
  { label: 'java, 1,000 records, no transaction', client: 'java', workload: PLAIN_GROUP },
  { label: 'linger, 1 record', client: 'linger', workload: SMALL_GROUP },
  { label: 'java, 1 record', client: 'java', workload: SMALL_GROUP },
]

/** One transaction after the other, of one record and of a thousand, by the old protocol and the new one. */
export const transactions: Suite = {
  name: NAME,
  about: 'transactions of 1 and of 1,000 records, v1 and v2',
  async run(context) {
    const reports: SuiteReport[] = []
    for (const version of VERSIONS) {
      reports.push(await measureRates(version, context))
      reports.push(await measureCost(version, context))
    }
    return {
      suite: NAME,
      tables: reports.flatMap(({ tables }) => tables),
      claims: reports.flatMap(({ claims }) => claims),
      runs: reports.map(({ runs }) => runs),
    }
  },
}

async function measureRates(version: TransactionVersion, context: SuiteContext): Promise<SuiteReport> {
  const cluster = await context.transactionalCluster(version)
  const claim = (results: Results): AcceptanceRow =>
    judge({
      suite: NAME,
      claim: `transactions v${version} of one record: per second against Java's`,
      figure: ratioOf(results, 'linger, 1 record', 'java, 1 record', recordsPerSecond),
      atLeast: 0.9,
      format: times,
    })
  return measure(version, cluster, RATES, claim, context)
}

/**
 * On the embedded broker, whose markers are written at once: how long Kafka's next transaction waits for the markers of
 * the last depends on how soon it comes, so that no difference of two times is the client's there.
 */
async function measureCost(version: TransactionVersion, context: SuiteContext): Promise<SuiteReport> {
  const cluster = await startTransactionalEmbedded(version)
  const claim = (results: Results): AcceptanceRow =>
    judge({
      suite: NAME,
      claim: `transactions v${version} of 1,000 records: time without their own round trips, against plain sends`,
      figure: timeBesidesRoundTrips(results),
      atMost: 1.3,
      format: times,
    })
  return measure(version, cluster, COST, claim, context)
}

async function measure(
  version: TransactionVersion,
  cluster: Cluster,
  contestants: readonly Group[],
  claim: (results: Results) => AcceptanceRow,
  { rounds, quick, progress }: SuiteContext,
): Promise<SuiteReport> {
  try {
    const durations = quick ? { warmupMs: 500, durationMs: 1_000 } : { warmupMs: 1_000, durationMs: 2_000 }
    const workload = { ...baseWorkload(quick), ...durations, mode: 'groups', lingerMs: 0 } as const
    const suite = `${NAME} v${version}`
    await warmUp(cluster, { ...workload, durationMs: quick ? 1_000 : WARM_UP_MS }, progress)
    const results = await runRounds(cluster, { suite, workload, contestants, rounds }, progress)
    const groupRecords = new Map(contestants.map((group) => [group.label, group.workload.groupRecords]))
    const title = `Transactions v${version}, one after the other, on ${cluster.description}`
    return {
      suite: NAME,
      tables: [groupsTable(title, results, groupRecords), settingsTable(results)],
      claims: [claim(results)],
      runs: { version, results: [...results.values()] },
    }
  } finally {
    await cluster.stop()
  }
}

/** Without a round, only the broker is warmed up: new to transactions, it is several times slower at them for long. */
async function warmUp(
  cluster: Cluster,
  workload: Contest['workload'],
  progress: (line: string) => void,
): Promise<void> {
  const contestants = COST.slice(0, 1)
  await runRounds(cluster, { suite: NAME, workload, contestants, rounds: 0 }, progress)
}

/** What a transaction adds that is not the wait for its coordinator: that is what its requests take without a client. */
function timeBesidesRoundTrips(results: Results): Figure {
  const medians = [
    'linger, 1,000 records',
    'linger, 1,000 records, no transaction',
    'raw socket, requests of a transaction',
    'raw socket, its Produce request alone',
  ].map((label) => medianOf(results, label, latencyMicros('p50')))
  return figureFrom(
    medians,
    (inTransaction = Number.NaN, plain = Number.NaN, rawTransaction = Number.NaN, rawProduce = Number.NaN) =>
      (inTransaction - (rawTransaction - rawProduce)) / plain,
  )
}
