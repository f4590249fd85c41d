import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { markdownTable } from 'markdown-table'
import { median, medianRatio } from './report/statistics.ts'
import { runClient } from './run/client-process.ts'
import { type Cluster, startSink } from './run/cluster.ts'
import type { Command } from './run/installed-clients.ts'
import { cpuMicrosPerRecord } from './run/rounds.ts'
import { createTopic } from './run/topics.ts'
import { baseWorkload } from './suites/suite.ts'
import type { Workload } from './workload.ts'

const BENCH = import.meta.dirname
const REPOSITORY = join(BENCH, '..')

interface Scenario {
  readonly workload: Partial<Workload>
  readonly ackDelayMs?: number
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'callback, full rate': { workload: { mode: 'callback' } },
  'promise, 1,000 outstanding': { workload: { mode: 'promise', lingerMs: 0 } },
  // A sink acknowledges so fast that memory never fills; a broker that takes its time is what most producers have.
  'callback, memory full': { workload: { mode: 'callback', bufferMemory: 4 * 1024 * 1024 }, ackDelayMs: 20 },
}

const run = promisify(execFile)

interface CompareOptions {
  readonly rounds: number
  readonly quick: boolean
  readonly progress: (line: string) => void
}

/**
 * The working tree against a commit, on the sink: one pair of runs per round, and the working tree once more, so that
 * the A/A ratio shows how much of a difference is noise.
 *
 * @returns a markdown table
 */
export async function compareWith(commit: string, options: CompareOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'linger-against-'))
  const tree = join(folder, 'tree')
  try {
    options.progress(`checking out ${commit}`)
    await run('git', ['worktree', 'add', '--detach', tree, commit], { cwd: REPOSITORY })
    // Both sides are driven by today's client program: only the packages differ.
    await cp(join(BENCH, 'clients'), join(tree, 'bench/clients'), { recursive: true })
    await cp(join(BENCH, 'workload.ts'), join(tree, 'bench/workload.ts'))
    await run('npx', ['--yes', 'pnpm@12', 'install', '--frozen-lockfile'], { cwd: tree })
    return await compareTrees(tree, commit, options)
  } finally {
    await run('git', ['worktree', 'remove', '--force', tree], { cwd: REPOSITORY }).catch(() => {})
    await rm(folder, { recursive: true, force: true })
  }
}

async function compareTrees(tree: string, commit: string, options: CompareOptions): Promise<string> {
  const rows: string[][] = []
  for (const [name, { workload: own, ...sink }] of Object.entries(SCENARIOS)) {
    const cluster = await startSink(sink)
    try {
      const workload = { ...baseWorkload(options.quick), ...own, bootstrapServers: cluster.bootstrapServers }
      const costs = await costsByRound(cluster, tree, name, workload, options)
      rows.push([
        name,
        median(costs.before).toFixed(3),
        median(costs.now).toFixed(3),
        medianRatio(costs.now, costs.before).toFixed(3),
        medianRatio(costs.again, costs.now).toFixed(3),
      ])
    } finally {
      await cluster.stop()
    }
  }
  const header = ['CPU s per million records', commit, 'working tree', 'tree / commit', 'tree / tree (noise)']
  return markdownTable([header, ...rows], { align: ['l', 'r', 'r', 'r', 'r'] })
}

async function costsByRound(
  cluster: Cluster,
  tree: string,
  name: string,
  workload: Omit<Workload, 'topic'>,
  { rounds, progress }: CompareOptions,
): Promise<Record<'before' | 'now' | 'again', number[]>> {
  const costs: Record<'before' | 'now' | 'again', number[]> = { before: [], now: [], again: [] }
  const sides = [
    ['now', REPOSITORY],
    ['before', tree],
    ['again', REPOSITORY],
  ] as const
  for (let round = 1; round <= rounds; round++) {
    for (const [side, root] of sides) {
      progress(`${name}: round ${round} of ${rounds}, ${side}`)
      const command: Command = [process.execPath, join(root, 'bench/clients/linger/main.ts')]
      const topic = await createTopic(cluster, `against-${side}`, workload.partitions)
      costs[side].push(cpuMicrosPerRecord(await runClient(command, { ...workload, topic: topic.name })))
      await topic.delete()
    }
  }
  return costs
}
