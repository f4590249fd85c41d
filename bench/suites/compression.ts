import { join } from 'node:path'
import { type Figure, judge, percent, times } from '../report/acceptance.ts'
import { compressionTable, settingsTable } from '../report/contest-tables.ts'
import type { Cluster } from '../run/cluster.ts'
import type { Command } from '../run/installed-clients.ts'
import { type Contestant, cpuMicrosPerRecord, medianOf, ratioOf, type Results, runRounds } from '../run/rounds.ts'
import { baseWorkload, type Suite, type SuiteContext } from './suite.ts'

const NAME = 'compression'
const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const
const CLIENTS = ['linger', 'platformatic', 'confluent'] as const
const VALUE_BYTES = 1_000
const COUNTING: Command = [process.execPath, join(import.meta.dirname, '../clients/linger/counted-compression.ts')]

type Codec = (typeof CODECS)[number]

/** What compressed records cost, beside the library alone that compresses the same batches. */
export const compression: Suite = {
  name: NAME,
  about: 'gzip, snappy, lz4 and zstd: bytes per CPU-second, JSON values of 1,000 bytes',
  async run(context) {
    const { rounds, quick, progress } = context
    const cluster = await context.cluster()
    const workload = compressionWorkload(quick)
    const counted = await countBatches(cluster, context)
    const recordsPerBatch = new Map(CODECS.map((codec) => [codec, recordsPerBatchOf(counted, codec)]))

    const contestants: readonly Contestant[] = CODECS.flatMap((codec) => [
      bareCodec(codec, recordsPerBatch.get(codec) ?? 1),
      ...CLIENTS.map((client) => ({ label: `${codec}, ${client}`, client, workload: { compressionType: codec } })),
    ])
    const results = await runRounds(cluster, { suite: NAME, workload, contestants, rounds }, progress)
    return {
      suite: NAME,
      tables: [
        compressionTable(`JSON values of ${VALUE_BYTES} bytes, compressed`, results, VALUE_BYTES),
        {
          title: "Linger's batches",
          header: ['codec', 'records per batch', 'compressed to', 'split'],
          rows: CODECS.map((codec) => {
            const ratio = medianOf(counted, codec, ({ compression: counts }) =>
              counts === undefined ? Number.NaN : counts.compressedBytes / counts.uncompressedBytes,
            )
            const cells = [ratio, splitShare(counted, codec)].map((share) =>
              typeof share === 'number' ? percent(share) : share.absent,
            )
            return [codec, String(recordsPerBatch.get(codec)), ...cells]
          }),
        },
        settingsTable(results),
      ],
      claims: CODECS.flatMap((codec) => [
        judge({
          suite: NAME,
          claim: `${codec}: CPU per byte against the bare library's`,
          figure: ratioOf(results, `${codec}, linger`, `${codec}, bare library`, cpuMicrosPerRecord),
          atMost: 1.15,
          format: times,
        }),
        judge({
          suite: NAME,
          claim: `${codec}: batches that were split`,
          figure: splitShare(counted, codec),
          atMost: 0.01,
          format: percent,
        }),
      ]),
      runs: { counted: [...counted.values()], results: [...results.values()] },
    }
  },
}

function compressionWorkload(quick: boolean) {
  const durations = quick ? { warmupMs: 500, durationMs: 1_000 } : { warmupMs: 1_500, durationMs: 2_500 }
  return { ...baseWorkload(quick), ...durations, values: 'json', valueBytes: VALUE_BYTES } as const
}

/** Writes nothing, so it needs no topic. A group is a batch for each of its two jobs. */
function bareCodec(codec: Codec, recordsPerBatch: number): Contestant {
  const groups = { mode: 'groups', groupRecords: 2 * recordsPerBatch } as const
  const label = `${codec}, bare library`
  return { label, client: 'bare-codec', topic: 'none', workload: { compressionType: codec, ...groups } }
}

/** How large the batches are that Linger gives to each codec, and how many it has to split. */
async function countBatches(cluster: Cluster, { quick, progress }: SuiteContext): Promise<Results> {
  const contestants = CODECS.map((codec) => ({ label: codec, client: COUNTING, workload: { compressionType: codec } }))
  const contest = { suite: `${NAME}, batches`, workload: compressionWorkload(quick), contestants, rounds: 1 }
  return runRounds(cluster, contest, progress)
}

function recordsPerBatchOf(counted: Results, codec: Codec): number {
  const records = medianOf(counted, codec, ({ compression: counts }) =>
    counts === undefined ? Number.NaN : counts.uncompressedBytes / counts.batches / VALUE_BYTES,
  )
  if (typeof records !== 'number') throw new Error(`${codec}: ${records.why}`)
  return Math.round(records)
}

function splitShare(counted: Results, codec: Codec): Figure {
  return medianOf(counted, codec, ({ compression: counts }) =>
    counts === undefined ? Number.NaN : counts.splits / counts.batches,
  )
}
