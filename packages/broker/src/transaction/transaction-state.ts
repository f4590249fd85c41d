/**
 * Where a transactional id stands. PrepareEpochFence and Dead are missing: Kafka passes through the first within one
 * request and reaches the second only when it forgets an id after seven days.
 *
 * @source Kafka 4.3.1 org.apache.kafka.coordinator.transaction.TransactionState
 */
export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'

/** An abort without anything to abort comes from anywhere but a commit that is being written (KIP-890). */
const LEGAL_MOVES: Readonly<Record<TransactionState, readonly TransactionState[]>> = {
  Empty: ['Empty', 'Ongoing', 'PrepareAbort'],
  Ongoing: ['Ongoing', 'PrepareCommit', 'PrepareAbort'],
  PrepareCommit: ['CompleteCommit'],
  PrepareAbort: ['CompleteAbort'],
  CompleteCommit: ['Empty', 'Ongoing', 'PrepareAbort'],
  CompleteAbort: ['Empty', 'Ongoing', 'PrepareAbort'],
}

export const TRANSACTION_STATES: readonly string[] = Object.keys(LEGAL_MOVES)

export function assertLegalMove(from: TransactionState, to: TransactionState): void {
  if (!LEGAL_MOVES[from].includes(to)) throw new Error(`a transaction cannot go from ${from} to ${to}`)
}
