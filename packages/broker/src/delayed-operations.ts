import type { BrokerPorts } from './ports.ts'

/** A request that waits: `attempt` answers undefined for as long as it must. */
interface DelayedOperation<Response> {
  readonly attempt: () => Response | undefined
  /** What is answered when the wait is over, whatever has come of it. */
  readonly giveUp: () => Response
  readonly maxWaitMs: number
}

/** The response of a delayed operation: comes through `settle`, unless `cancel` was called. */
export interface DelayedResponse<Response> {
  settle: (response: Response) => void
  cancel(): void
}

/**
 * Requests that wait: a Fetch until there are enough records, a Produce until all in-sync replicas have them.
 *
 * @source Kafka DelayedOperationPurgatory, DelayedFetch, DelayedProduce
 */
export class DelayedOperations {
  readonly #ports: BrokerPorts
  readonly #waiting = new Set<() => void>()

  constructor(ports: BrokerPorts) {
    this.#ports = ports
  }

  get count(): number {
    return this.#waiting.size
  }

  wait<Response>(operation: DelayedOperation<Response>): DelayedResponse<Response> {
    const finish = (response: Response): void => {
      delayed.cancel()
      delayed.settle(response)
    }
    const tryAgain = (): void => {
      const response = operation.attempt()
      if (response !== undefined) finish(response)
    }
    const stopTimer = this.#ports.after(operation.maxWaitMs, () => finish(operation.giveUp()))
    const delayed: DelayedResponse<Response> = {
      settle: () => {},
      cancel: () => {
        stopTimer()
        this.#waiting.delete(tryAgain)
      },
    }
    this.#waiting.add(tryAgain)
    return delayed
  }

  /** Records were appended, topics deleted, leaders or replicas changed: some may have what they wait for. */
  recheck(): void {
    for (const tryAgain of this.#waiting) tryAgain()
  }
}
