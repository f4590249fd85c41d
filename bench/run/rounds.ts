import type { Figure } from '../report/acceptance.ts'
import { median, medianRatio } from '../report/statistics.ts'
import type { Measurement, Workload } from '../workload.ts'
import { runClient } from './client-process.ts'
import type { Cluster } from './cluster.ts'
import { type ClientName, findClient } from './installed-clients.ts'
import { type BenchTopic, createTopic } from './topics.ts'

/** One line of a table: a client, and how its workload differs from the suite's. */
export interface Contestant {
  readonly label: string
  readonly client: ClientName
  readonly workload?: Partial<Workload>
  /** One topic for all rounds: for topics that take long to make. */
  readonly keepsTopic?: boolean
}

export interface Contest {
  readonly suite: string
  readonly workload: Omit<Workload, 'bootstrapServers' | 'topic'>
  readonly contestants: readonly Contestant[]
  readonly rounds: number
}

export interface Result {
  readonly label: string
  /** One per round. Not complete when `failure` is there. */
  readonly measurements: Measurement[]
  missing?: string
  failure?: string
}

export type Results = ReadonlyMap<string, Result>

/** A client that broke its word, or a log that does not hold what was acknowledged. */
class ContestError extends Error {
  override readonly name = 'ContestError'
}

/** Runs every client once per round, in turn (A B C A B C ...), so that the machine's drift meets all of them. */
export async function runRounds(cluster: Cluster, contest: Contest, progress: (line: string) => void): Promise<Results> {
  const results = new Map<string, Result>()
  const keptTopics = new Map<string, { topic: BenchTopic; records: number }>()

  for (let round = 1; round <= contest.rounds; round++) {
    for (const contestant of contest.contestants) {
      const result = results.get(contestant.label) ?? { label: contestant.label, measurements: [] }
      results.set(contestant.label, result)
      if (result.missing !== undefined || result.failure !== undefined) continue
      progress(`${contest.suite}: round ${round} of ${contest.rounds}, ${contestant.label}`)
      await runContestant(cluster, contest, contestant, result, keptTopics)
      if (result.failure !== undefined) progress(`FAILED: ${contestant.label}: ${result.failure}`)
    }
  }

  for (const { topic } of keptTopics.values()) await topic.delete()
  return results
}

async function runContestant(
  cluster: Cluster,
  { suite, workload: shared }: Contest,
  { client, label, workload: own, keepsTopic = false }: Contestant,
  result: Result,
  keptTopics: Map<string, { topic: BenchTopic; records: number }>,
): Promise<void> {
  const found = await findClient(client)
  if ('missing' in found) {
    result.missing = found.missing
    return
  }
  const workload = { ...shared, ...own }
  const partitions = Math.max(workload.partitions, workload.coldPartitions + 1)
  const { bootstrapServers } = cluster
  const kept = keptTopics.get(label) ?? {
    topic: await createTopic(bootstrapServers, `${suite}-${label}`, partitions),
    records: 0,
  }
  if (keepsTopic) keptTopics.set(label, kept)

  try {
    const measurement = await runClient(found.command, { ...workload, bootstrapServers, topic: kept.topic.name })
    kept.records += measurement.recordsBefore + measurement.records
    if (cluster.keepsRecords) await assertLogHolds(kept.topic, kept.records)
    result.measurements.push(measurement)
  } catch (error) {
    // The suite goes on with the others; main.ts ends with exit code 1.
    result.failure = error instanceof Error ? error.message : String(error)
  } finally {
    if (!keepsTopic) await kept.topic.delete()
  }
}

async function assertLogHolds(topic: BenchTopic, acknowledged: number): Promise<void> {
  const held = await topic.countRecords()
  if (held !== acknowledged) {
    throw new ContestError(`${acknowledged} records were acknowledged, the log of ${topic.name} holds ${held}`)
  }
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
): number[] | Exclude<Figure, number> {
  const result = results.get(label)
  if (result === undefined) throw new Error(`no contestant ${label}`)
  if (result.missing !== undefined) return { absent: 'not installed', why: `${label}: not installed` }
  if (result.failure !== undefined) return { absent: 'failed', why: `${label}: ${result.failure}` }
  return result.measurements.map((measurement) => figureOf(measurement))
}

export const recordsPerSecond = ({ records, seconds }: Measurement): number => records / seconds
/** CPU-seconds per million records are microseconds per record. */
export const cpuMicrosPerRecord = ({ cpuSeconds, records }: Measurement): number => (cpuSeconds * 1e6) / records
