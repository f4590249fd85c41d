import type { SuiteReport } from '../report/report.ts'
import type { Cluster, TransactionVersion } from '../run/cluster.ts'
import type { Workload } from '../workload.ts'

export interface SuiteContext {
  /** Started at the first call: some suites need none. */
  readonly cluster: () => Promise<Cluster>
  /** A cluster of its own for a suite that stops it: of the same kind as `cluster`, with that `transaction.version`. */
  readonly transactionalCluster: (version: TransactionVersion) => Promise<Cluster>
  readonly rounds: number
  /** Short runs, to see that everything works: the figures mean little. */
  readonly quick: boolean
  readonly progress: (line: string) => void
}

export interface Suite {
  readonly name: string
  readonly about: string
  run(context: SuiteContext): Promise<SuiteReport>
}

/**
 * What all suites share: 100-byte values, 6 partitions, acks=all, idempotent, nothing compressed. Every record names its
 * partition, so that all clients fill the same batches and none is judged by its partitioner.
 */
export function baseWorkload(quick: boolean): Omit<Workload, 'bootstrapServers' | 'topic'> {
  return {
    partitions: 6,
    mode: 'callback',
    outstanding: 1_000,
    groupRecords: 1_000,
    transactional: false,
    recordsPerSecond: 0,
    partitioning: 'round-robin',
    coldPartitions: 0,
    valueBytes: 100,
    values: 'filler',
    compressionType: 'none',
    warmupRecords: 1e9,
    warmupMs: quick ? 500 : 2_000,
    records: 1e9,
    durationMs: quick ? 1_000 : 4_000,
    acks: 'all',
    idempotent: true,
    lingerMs: 5,
    batchSize: 1_000_000,
    bufferMemory: 32 * 1024 * 1024,
  }
}
