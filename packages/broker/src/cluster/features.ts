import { TRANSACTION_VERSION_MAX, type TransactionVersion } from '../transaction/transaction-version.ts'

/** A feature that all brokers have agreed on, as ApiVersions tells it. */
export interface FinalizedFeature {
  readonly name: string
  readonly maxVersionLevel: number
  readonly minVersionLevel: number
}

/** A feature that a broker could agree to. */
export interface SupportedFeature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

/**
 * What the brokers of a cluster have agreed on, and since when.
 *
 * @source KIP-584
 */
export class Features {
  readonly supported: readonly SupportedFeature[] = [
    { name: 'transaction.version', minVersion: 0, maxVersion: TRANSACTION_VERSION_MAX },
  ]
  #transactionVersion: TransactionVersion = TRANSACTION_VERSION_MAX
  #epoch = 0

  get transactionVersion(): TransactionVersion {
    return this.#transactionVersion
  }

  /** Grows with each change, so that an older answer is known by it. */
  get epoch(): number {
    return this.#epoch
  }

  /** A feature at level 0 is not there. */
  get finalized(): readonly FinalizedFeature[] {
    const level = this.#transactionVersion
    return level === 0 ? [] : [{ name: 'transaction.version', maxVersionLevel: level, minVersionLevel: level }]
  }

  /** An upgrade or a downgrade, while everything runs. */
  setTransactionVersion(version: TransactionVersion): void {
    this.#transactionVersion = version
    this.#epoch++
  }
}
