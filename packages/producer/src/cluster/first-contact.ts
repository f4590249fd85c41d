import { KafkaError } from '../errors.ts'
import { isUntrusted } from '../network/connection-errors.ts'
import type { BrokerNode } from './broker-node.ts'
import type { Cluster } from './cluster.ts'

interface Waiter {
  readonly onUp: () => void
  readonly onFailed: (error: KafkaError) => void
  /** Bootstrap nodes that have failed since the call. */
  readonly failures: Map<BrokerNode, KafkaError>
}

/** Tells whoever waits for it that a broker has answered, or that every bootstrap address has failed. */
export class FirstContact {
  readonly #cluster: () => Cluster
  #waiters: Waiter[] = []

  constructor(cluster: () => Cluster) {
    this.#cluster = cluster
  }

  get isAwaited(): boolean {
    return this.#waiters.length > 0
  }

  /** @returns what gives up waiting, with what is known until then */
  wait(onUp: () => void, onFailed: (error: KafkaError) => void): (reason: string) => void {
    const waiter = { onUp, onFailed, failures: new Map<BrokerNode, KafkaError>() }
    this.#waiters.push(waiter)
    return (reason) => this.#giveUp(waiter, reason)
  }

  onUp(): void {
    for (const { onUp } of this.#waiters.splice(0)) onUp()
  }

  failAll(error: KafkaError): void {
    for (const { onFailed } of this.#waiters.splice(0)) onFailed(error)
  }

  onDown(node: BrokerNode, error: KafkaError): void {
    const { bootstrap } = this.#cluster()
    if (!bootstrap.includes(node)) return
    for (const waiter of this.#waiters.slice()) {
      waiter.failures.set(node, error)
      if (waiter.failures.size === bootstrap.length) this.#giveUp(waiter, 'no bootstrap server can be used')
    }
  }

  #giveUp(waiter: Waiter, reason: string): void {
    const at = this.#waiters.indexOf(waiter)
    if (at < 0) return
    this.#waiters.splice(at, 1)
    const failures = [...waiter.failures.values()]
    const [first] = failures
    const untrusted = failures.find(isUntrusted)
    const isOther = failures.length > 0 && failures.every(({ code }) => code === 'NOT_KAFKA')
    const code = untrusted?.code ?? (isOther ? 'NOT_KAFKA' : 'CONNECTION_FAILED')
    const details = failures.length === 0 ? 'none has answered' : failures.map(({ message }) => message).join('; ')
    waiter.onFailed(
      new KafkaError(code, `${reason}: ${details}`, {
        outcome: 'never',
        retriable: untrusted === undefined,
        cause: untrusted ?? first,
      }),
    )
  }
}
