/**
 * The levels of the feature `transaction.version`: 1 is the old protocol with another form of the coordinator's log, 2
 * gives every transaction an epoch of its own and adds partitions implicitly (KIP-890).
 *
 * @source Kafka TransactionVersion
 */
export type TransactionVersion = 0 | 1 | 2

export const TRANSACTION_VERSION_MAX: TransactionVersion = 2

/** Every end of a transaction gives the producer another epoch. */
export function bumpsEpoch(version: TransactionVersion): boolean {
  return version >= 2
}
