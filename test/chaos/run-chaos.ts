import { ChaosCluster } from './cluster/chaos-cluster.ts'
import type { ChaosSettings } from './chaos-settings.ts'
import { type FaultCounts, storm, type StormOptions } from './faults/fault-storm.ts'
import { LANES } from './load/lane-settings.ts'
import type { LeaderChange } from './load/load-lane.ts'
import type { LaneReport, LoadCounts } from './load/load-messages.ts'
import { LoadProcess } from './load/load-process.ts'
import { LoadWatch } from './load/load-watch.ts'
import { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'

const CALM_MS = [200, 2_500] as const

export type Stage = 'starting brokers' | 'faults' | 'settling' | 'reading back' | 'stopping'

export interface ChaosEvents extends Pick<StormOptions, 'onBegin' | 'onEnd'> {
  readonly onStage: (stage: Stage) => void
  readonly onCounts: (counts: LoadCounts) => void
}

export interface ChaosResult {
  readonly faults: FaultCounts
  readonly lanes: readonly LaneReport[]
  /** Lanes that got nothing acknowledged for a long time, or could not be brought to an end. */
  readonly stuck: readonly string[]
  /** The producers were closed and something of theirs kept the process alive. */
  readonly keptAlive: boolean
  readonly seconds: number
}

/**
 * Starts the cluster, lets producers write while faults strike, heals everything, settles everything, reads everything
 * back, and compares. What it started is gone when it returns or throws.
 *
 * @throws the signal's reason when it is aborted
 */
export async function runChaos(
  settings: ChaosSettings,
  events: ChaosEvents,
  signal: AbortSignal,
): Promise<ChaosResult> {
  const startedMs = performance.now()
  const jitter = new SeededRandom(settings.seed)
  events.onStage('starting brokers')
  const cluster = await ChaosCluster.start(() => jitter.next())
  try {
    signal.throwIfAborted()
    for (const { topics } of LANES) {
      for (const { name, partitionCount } of topics) await cluster.admin.createTopic(name, partitionCount)
    }
    await cluster.untilInSync(signal)
    const result = await loadUnderFaults(cluster, settings, events, signal)
    return { ...result, seconds: (performance.now() - startedMs) / 1_000 }
  } finally {
    events.onStage('stopping')
    await cluster.stop()
  }
}

async function loadUnderFaults(
  cluster: ChaosCluster,
  { seed, recordCount, seconds, faults }: ChaosSettings,
  events: ChaosEvents,
  signal: AbortSignal,
): Promise<Omit<ChaosResult, 'seconds'>> {
  const { bootstrapServers, directServers } = cluster
  const load = await LoadProcess.start({ bootstrapServers, directServers, runId: seed, recordCount, seconds })
  // Whatever we wait for then fails at once.
  const onAbort = (): void => void load.kill()
  signal.addEventListener('abort', onAbort)
  try {
    const watch = new LoadWatch(load, events.onCounts)
    events.onStage('faults')
    const { onBegin, onEnd } = events
    const world = { cluster, load, signal }
    const counts = await storm({ world, seed, faults, seconds, calmMs: CALM_MS, onBegin, onEnd })

    events.onStage('settling')
    await cluster.heal()
    await cluster.untilInSync(signal)
    await watch.untilAllGoOn()
    const hasFinished = await Promise.race([load.finish().then(() => true), watch.untilStandstill().then(() => false)])
    await watch.stop()

    events.onStage('reading back')
    const lanes = await load.check(await leaderChanges(cluster))
    const stuck = hasFinished ? watch.stuck : [...watch.stuck, 'the end of the run']
    return { faults: counts, lanes, stuck, keptAlive: !(await load.ends()) }
  } finally {
    signal.removeEventListener('abort', onAbort)
    await load.kill()
  }
}

async function leaderChanges({ admin }: ChaosCluster): Promise<LeaderChange[]> {
  const changes: LeaderChange[] = []
  for (const { topics } of LANES) {
    for (const { name } of topics) {
      for (const [partition, epoch] of (await admin.leaderEpochsOf(name)).entries()) {
        if (epoch > 0) changes.push({ topic: name, partition })
      }
    }
  }
  return changes
}
