import type { Absence, Figure } from '../report/acceptance.ts'
import { median, medianRatio } from '../report/statistics.ts'
import type { Measurement, Workload } from '../workload.ts'
import { runClient } from './client-process.ts'
import type { Cluster } from './cluster.ts'
import { type ClientName, type Command, findClient } from './installed-clients.ts'
import { addRun, assertLogHolds, type FilledTopic } from './log-count.ts'
import { createTopic } from './topics.ts'

/** One line of a table: a client by name or as a command, and how its workload differs from the suite's. */
export interface Contestant {
  readonly label: string
  readonly client: ClientName | Command
  readonly workload?: Partial<Workload>
  /**
   * Made, and in the end deleted, by the suite: for topics that take long to make. None: for programs that write
   * nothing. Default: a fresh one per run.
   */
  readonly topic?: FilledTopic | 'none'
}

export interface Contest {
  readonly suite: string
  readonly workload: Omit<Workload, 'bootstrapServers' | 'topic'>
  readonly contestants: readonly Contestant[]
  readonly rounds: number
}

export interface Result {
  readonly label: string
  /** One per round, fewer when `absence` says why. */
  readonly measurements: Measurement[]
  absence?: Absence
}

export type Results = ReadonlyMap<string, Result>

/** Runs every client once per round, in turn (A B C A B C ...), so that the machine's drift meets all of them. */
export async function runRounds(
  cluster: Cluster,
  contest: Contest,
  progress: (line: string) => void,
): Promise<Results> {
  const results = new Map<string, Result>(contest.contestants.map(({ label }) => [label, { label, measurements: [] }]))
  await warmUpBroker(cluster, contest, progress)

  for (let round = 1; round <= contest.rounds; round++) {
    for (const contestant of contest.contestants) {
      const result = results.get(contestant.label)
      if (result === undefined || result.absence !== undefined) continue
      progress(`${contest.suite}: round ${round} of ${contest.rounds}, ${contestant.label}`)
      const outcome = await runContestant(cluster, contest, contestant)
      if ('absent' in outcome) {
        progress(`${contestant.label}: ${outcome.absent}: ${outcome.why}`)
        result.absence = outcome
      } else {
        result.measurements.push(outcome)
      }
    }
  }

  return results
}

/** A broker that has not seen this workload is several times slower, and would be so for whoever comes first. */
async function warmUpBroker(cluster: Cluster, contest: Contest, progress: (line: string) => void): Promise<void> {
  for (const contestant of contest.contestants) {
    progress(`${contest.suite}: warming up the broker with ${contestant.label}`)
    const outcome = await runContestant(cluster, contest, contestant)
    if (!('absent' in outcome)) return
  }
}

/** A client that fails drops out and the others go on; main.ts then ends with exit code 1. */
async function runContestant(
  cluster: Cluster,
  { suite, workload: shared }: Contest,
  { client, label, workload: own, topic: given }: Contestant,
): Promise<Measurement | Absence> {
  const found = typeof client === 'string' ? await findClient(client) : { command: client }
  if ('missing' in found) return { absent: 'not installed', why: found.missing }

  const workload = { ...shared, ...own, bootstrapServers: cluster.bootstrapServers }
  try {
    if (given === 'none') return await runClient(found.command, { ...workload, topic: '' })
    if (given !== undefined) return await runInto(given, found.command, workload)

    const partitions = Math.max(workload.partitions, workload.coldPartitions + 1)
    const fresh = { topic: await createTopic(cluster, `${suite}-${label}`, partitions), records: 0, controlRecords: 0 }
    try {
      return await runInto(fresh, found.command, workload)
    } finally {
      await fresh.topic.delete()
    }
  } catch (error) {
    return { absent: 'failed', why: error instanceof Error ? error.message : String(error) }
  }
}

async function runInto(filled: FilledTopic, command: Command, workload: Omit<Workload, 'topic'>): Promise<Measurement> {
  const measurement = await runClient(command, { ...workload, topic: filled.topic.name })
  addRun(filled, workload, measurement)
  await assertLogHolds(filled)
  return measurement
}

/** The median over the rounds of one client's figure. */
export function medianOf(results: Results, label: string, figureOf: (measurement: Measurement) => number): Figure {
  const figures = figuresOf(results, label, figureOf)
  return Array.isArray(figures) ? median(figures) : figures
}

/** The median over the rounds of the ratio of two clients' figures. */
export function ratioOf(
  results: Results,
  label: string,
  otherLabel: string,
  figureOf: (measurement: Measurement) => number,
): Figure {
  const figures = figuresOf(results, label, figureOf)
  const others = figuresOf(results, otherLabel, figureOf)
  if (!Array.isArray(figures)) return figures
  return Array.isArray(others) ? medianRatio(figures, others) : others
}

function figuresOf(
  results: Results,
  label: string,
  figureOf: (measurement: Measurement) => number,
): number[] | Absence {
  const result = results.get(label)
  if (result === undefined) throw new Error(`no contestant ${label}`)
  const { measurements, absence } = result
  return absence ?? measurements.map((measurement) => figureOf(measurement))
}

export const recordsPerSecond = ({ records, seconds }: Measurement): number => records / seconds
/** CPU-seconds per million records are microseconds per record. */
export const cpuMicrosPerRecord = ({ cpuSeconds, records }: Measurement): number => (cpuSeconds * 1e6) / records
