import type { KafkaError } from '../errors.ts'

interface Waiter {
  readonly resolve: (clientInstanceId: string) => void
  readonly reject: (error: KafkaError) => void
}

/** Those who want to know what brokers call this producer. */
export class InstanceIdWaiters {
  readonly #waiters = new Set<Waiter>()

  get isWaited(): boolean {
    return this.#waiters.size > 0
  }

  /** @returns what ends the wait with an error */
  add(waiter: Waiter): (error: KafkaError) => void {
    this.#waiters.add(waiter)
    return (error) => {
      if (this.#waiters.delete(waiter)) waiter.reject(error)
    }
  }

  resolveAll(clientInstanceId: string): void {
    for (const { resolve } of this.#waiters) resolve(clientInstanceId)
    this.#waiters.clear()
  }

  failAll(error: KafkaError): void {
    for (const { reject } of this.#waiters) reject(error)
    this.#waiters.clear()
  }
}
