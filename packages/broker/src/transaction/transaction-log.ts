import type { TransactionMetadata } from './transaction-metadata.ts'

/** One transactional id, and the coordinator that last moved it on. */
export interface CoordinatedTransaction {
  readonly metadata: TransactionMetadata
  coordinatorId: number
  /** Grows with each change of coordinator. Markers carry it. */
  coordinatorEpoch: number
}

/** All transactional ids of a cluster, by id: what Kafka keeps in `__transaction_state`, and never loses. */
export type TransactionLog = Map<string, CoordinatedTransaction>
