import type { ProducerIdentity } from '../idempotence/producer-identity.ts'
import type { TransactionVersion } from './transaction-version.ts'

/** What the next transaction runs under. */
export type NextIdentity =
  /** The same as the one before, or what the end of that one has brought. */
  | 'AS_IT_IS'
  /** Another epoch, which the coordinator has to be asked for. */
  | 'NEW_EPOCH'
  /** Another epoch, which these brokers cannot give. */
  | 'NONE'

/**
 * Producer id and epoch of a transactional producer, and for how long they are good.
 *
 * @source Kafka TransactionManager.clientSideEpochBumpRequired; KIP-360, KIP-890
 */
export class TransactionalIdentity {
  #current: ProducerIdentity | undefined
  #isSpent: 'no' | 'rather' | 'yes' = 'no'
  /** A transaction of v1 has run under this epoch. */
  #servedV1 = false

  get current(): ProducerIdentity | undefined {
    return this.#current
  }

  adopt(identity: ProducerIdentity): void {
    this.#current = identity
    this.#isSpent = 'no'
    this.#servedV1 = false
  }

  /** Another epoch is needed after this transaction: sequences are lost, or its end may come twice. */
  spend(): void {
    this.#isSpent = 'yes'
  }

  /** Another epoch is better, where brokers can give one: something of this transaction may come late. */
  spendIfPossible(): void {
    if (this.#isSpent === 'no') this.#isSpent = 'rather'
  }

  /** A transaction begins under it. True when that is one of v2: under an epoch of v1 there is none. */
  begin(version: TransactionVersion): boolean {
    const isV2 = version.isV2 && !this.#servedV1
    this.#servedV1 = !isV2
    return isV2
  }

  /** The transaction is over. */
  next({ isV2, canBump }: TransactionVersion): NextIdentity {
    if (this.#servedV1 && isV2) this.spendIfPossible()
    if (this.#isSpent === 'no' || (this.#isSpent === 'rather' && !canBump)) {
      this.#isSpent = 'no'
      return 'AS_IT_IS'
    }
    return canBump ? 'NEW_EPOCH' : 'NONE'
  }
}
