import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { judge, times } from '../report/acceptance.ts'
import { settingsTable, throughputTable } from '../report/contest-tables.ts'
import type { Cluster } from '../run/cluster.ts'
import { type Contestant, cpuMicrosPerRecord, ratioOf, runRounds } from '../run/rounds.ts'
import { type BenchTopic, createTopic } from '../run/topics.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'partitions'
const MANY = 10_000
/** A record of 100 bytes takes about 110 in a batch, and 200 more beside it: a third of 32 MiB is left for the bytes. */
const LIMIT_MEMORY_BYTES = Math.floor((32 * 1024 * 1024 * 110) / 310)
const COLD_PROGRAM = join(import.meta.dirname, '../clients/linger/cold-partitions.ts')

/** What partitions cost that are many, or idle. */
export const partitions: Suite = {
  name: NAME,
  about: '10,000 partitions: memory of cold ones, cost of a hot one beside them; round-robin over 1,000',
  async run({ cluster: startCluster, rounds, quick, progress }) {
    const cluster = await startCluster()
    progress(`${NAME}: making a topic of ${MANY} partitions`)
    const many = { topic: await createTopic(cluster, NAME, MANY), records: MANY, controlRecords: 0 }
    progress(`${NAME}: memory of ${MANY} partitions with one record each`)
    const bytesPerPartition = await measureColdPartitions(cluster, many.topic)

    const contestants: readonly Contestant[] = [
      { label: 'one partition', client: 'linger', workload: { partitioning: 'hot', partitions: 1 } },
      {
        label: 'hot beside 9,999 cold',
        client: 'linger',
        workload: { partitioning: 'hot', partitions: 1, coldPartitions: MANY - 1 },
        topic: many,
      },
      { label: 'round-robin over 1,000', client: 'linger', workload: { partitions: 1_000 } },
      // What the bytes alone cost that lie in a thousand places, without an engine around them.
      { label: 'limit, one partition', client: 'limit', workload: { partitioning: 'hot', partitions: 1 } },
      { label: 'limit, round-robin over 1,000', client: 'limit', workload: { partitions: 1_000 } },
      // With as many records in memory as `bufferMemory` allows a producer that counts 200 bytes beside each.
      {
        label: 'limit, the same with as many records as Linger holds',
        client: 'limit',
        workload: { partitions: 1_000, bufferMemory: LIMIT_MEMORY_BYTES },
      },
    ]
    const results = await runRounds(
      cluster,
      { suite: NAME, workload: baseWorkload(quick), contestants, rounds },
      progress,
    )
    await many.topic.delete()

    const costClaim = (claim: string, label: string, atMost: number) =>
      judge({
        suite: NAME,
        claim,
        figure: ratioOf(results, label, 'one partition', cpuMicrosPerRecord),
        atMost,
        format: times,
      })
    return {
      suite: NAME,
      tables: [throughputTable('Partitions', results, 'one partition'), settingsTable(results)],
      claims: [
        judge({
          suite: NAME,
          claim: '10,000 partitions with one 100-byte record each: memory of a partition',
          figure: bytesPerPartition,
          atMost: 2_048,
          format: (bytes) => `${Math.round(bytes)} bytes`,
        }),
        costClaim('a hot partition beside 9,999 cold ones: CPU per record against alone', 'hot beside 9,999 cold', 1.1),
        costClaim('round-robin over 1,000 partitions: CPU per record against one', 'round-robin over 1,000', 1.5),
      ],
      runs: { bytesPerPartition, results: [...results.values()] },
    }
  },
}

async function measureColdPartitions({ bootstrapServers }: Cluster, topic: BenchTopic): Promise<number> {
  const workload = { ...baseWorkload(false), bootstrapServers, topic: topic.name, partitions: MANY }
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    COLD_PROGRAM,
    JSON.stringify(workload),
  ])
  const { bytesPerPartition, unsettled, settled } = parseColdPartitions(stdout)
  const held = await topic.countOffsets()
  if (unsettled !== MANY)
    throw new Error(`only ${unsettled} of ${MANY} records were still in their batches when measured`)
  if (settled !== MANY || held !== MANY) throw new Error(`${settled} of ${MANY} acknowledged, the log holds ${held}`)
  return bytesPerPartition
}

function parseColdPartitions(json: string): { bytesPerPartition: number; unsettled: number; settled: number } {
  const value: unknown = JSON.parse(json)
  const number = (name: string): number => {
    const found: unknown = Object.entries(value ?? {}).find(([key]) => key === name)?.[1]
    if (typeof found !== 'number') throw new TypeError(`cold-partitions printed no ${name}`)
    return found
  }
  return {
    bytesPerPartition: number('bytesPerPartition'),
    unsettled: number('unsettled'),
    settled: number('settled'),
  }
}
