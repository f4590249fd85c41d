import type { ChaosCluster } from '../cluster/chaos-cluster.ts'
import type { LoadProcess } from '../load/load-process.ts'
import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'

/** What faults can get at. */
export interface FaultWorld {
  readonly cluster: ChaosCluster
  readonly load: LoadProcess
  readonly random: SeededRandom
  readonly signal: AbortSignal
}

export interface Strike {
  /** Connections, bytes, brokers or partitions that it really hit; 0: it missed. */
  readonly hits: number
  /** What it was, for a person: '2 connections of broker 3'. */
  readonly what: string
}

/** Something that goes wrong for a while. */
export interface Fault {
  readonly name: string
  /** Those of one kind follow each other; the two kinds overlap. */
  readonly kind: 'NETWORK' | 'CLUSTER'
  /** Makes it happen and puts everything right again. */
  readonly strike: (world: FaultWorld) => Promise<Strike>
}
