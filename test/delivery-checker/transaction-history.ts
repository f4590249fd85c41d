/** How a transaction ended, as far as whoever ran it was told. */
export type TransactionEnd =
  /** Nobody asked for its end, or nobody lived to hear it. */
  | 'OPEN'
  | 'COMMITTED'
  /** Its abort is done. */
  | 'ABORTED'
  /** A commit was refused for good: what follows can only be an abort. */
  | 'NOT_COMMITTED'
  /** A commit was asked for, and may be done. */
  | 'UNKNOWN'

/** How far a consumer group has come with a transaction. */
export interface SentOffset {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** What belongs to one transaction. */
export interface TransactionRecords {
  readonly begunAtMs: number
  /** Numbers of its records, in the order of the calls. */
  readonly records: number[]
  readonly offsets: SentOffset[]
  end: TransactionEnd
  /** Infinity while nobody has asked for it. */
  commitAskedAtMs: number
}

/** The transactions of one producer, one after the other, and when it took over its transactional id. */
export class TransactionHistory {
  readonly transactions: TransactionRecords[] = []
  /** Infinity until `initTransactions()` is done. */
  initializedAtMs = Infinity
  readonly #transactionOf = new Map<number, number>()

  get current(): TransactionRecords {
    const current = this.transactions.at(-1)
    if (current === undefined) throw new Error('no transaction has begun')
    return current
  }

  begun(atMs: number): TransactionRecords {
    const transaction: TransactionRecords = {
      begunAtMs: atMs,
      records: [],
      offsets: [],
      end: 'OPEN',
      commitAskedAtMs: Infinity,
    }
    this.transactions.push(transaction)
    return transaction
  }

  /** Record `n` is handed over within the transaction that was begun last. */
  sent(n: number): void {
    this.current.records.push(n)
    this.#transactionOf.set(n, this.transactions.length - 1)
  }

  /** To which transaction record `n` belongs, by its place in `transactions`. */
  transactionOf(n: number): number | undefined {
    return this.#transactionOf.get(n)
  }
}
