import type { BrokerPorts } from '../ports.ts'
import type { TransactionMetadata } from './transaction-metadata.ts'

/** At most one timer for each transaction. */
export class TransactionTimers {
  readonly #ports: BrokerPorts
  readonly #cancels = new Map<TransactionMetadata, () => void>()

  constructor(ports: BrokerPorts) {
    this.#ports = ports
  }

  has(transaction: TransactionMetadata): boolean {
    return this.#cancels.has(transaction)
  }

  /** Does nothing where a timer runs already. */
  start(transaction: TransactionMetadata, delayMs: number, run: () => void): void {
    if (this.has(transaction)) return
    const cancel = this.#ports.after(delayMs, () => {
      this.#cancels.delete(transaction)
      run()
    })
    this.#cancels.set(transaction, cancel)
  }

  cancel(transaction: TransactionMetadata): void {
    this.#cancels.get(transaction)?.()
    this.#cancels.delete(transaction)
  }

  cancelAll(): void {
    for (const cancel of this.#cancels.values()) cancel()
    this.#cancels.clear()
  }
}
