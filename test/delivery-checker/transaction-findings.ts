/** What can be wrong with transactions. */
export const TRANSACTION_ANOMALIES = [
  /** Some of what it sent is visible to readers of committed records, and some is not. */
  'torn',
  /** The commit is done, and nothing of it is visible. */
  'lostCommit',
  /** The commit is done although something of it failed. */
  'committedFailure',
  /** Visible, and its producer said that it is not. */
  'abortedVisible',
  /** Between two markers of a partition stands more than one transaction of a producer id. */
  'mixed',
  /** It took effect although another producer had taken over the transactional id. */
  'unfenced',
  /** A record of a transactional producer that belongs to no transaction. */
  'outside',
  /** A group's offsets are not those of its last committed transaction. */
  'offsetsAstray',
  /** Readers of committed records wait for its end for ever. */
  'hanging',
] as const

export type TransactionAnomaly = (typeof TRANSACTION_ANOMALIES)[number]

export type TransactionAnomalyCounts = Readonly<Record<TransactionAnomaly, number>>

const EXAMPLES_MAX = 10

/** Anomalies found so far: counted, and the first few in words. */
export class TransactionFindings {
  readonly counts: Record<TransactionAnomaly, number> = noTransactionAnomalies()
  readonly examples: string[] = []

  note(anomaly: TransactionAnomaly, example: string): void {
    this.counts[anomaly] += 1
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(`${anomaly}: ${example}`)
  }
}

export function noTransactionAnomalies(): Record<TransactionAnomaly, number> {
  return {
    torn: 0,
    lostCommit: 0,
    committedFailure: 0,
    abortedVisible: 0,
    mixed: 0,
    unfenced: 0,
    outside: 0,
    offsetsAstray: 0,
    hanging: 0,
  }
}
