import type { BrokerPorts } from '../ports.ts'

/** A Fetch that waits for records: `attempt` answers undefined as long as there are too few. */
interface DelayedFetch<Response> {
  readonly attempt: () => Response | undefined
  /** What is answered when the wait is over, however little it is. */
  readonly giveUp: () => Response
  readonly maxWaitMs: number
}

/** The response of a delayed fetch: comes through `settle`, unless `cancel` was called. */
export interface DelayedResponse<Response> {
  settle: (response: Response) => void
  cancel(): void
}

/**
 * Fetches that wait until there are enough records, or long enough.
 *
 * @source Kafka DelayedFetch and its purgatory
 */
export class DelayedFetches {
  readonly #ports: BrokerPorts
  readonly #waiting = new Set<() => void>()

  constructor(ports: BrokerPorts) {
    this.#ports = ports
  }

  get count(): number {
    return this.#waiting.size
  }

  wait<Response>(fetch: DelayedFetch<Response>): DelayedResponse<Response> {
    const finish = (response: Response): void => {
      delayed.cancel()
      delayed.settle(response)
    }
    const tryAgain = (): void => {
      const response = fetch.attempt()
      if (response !== undefined) finish(response)
    }
    const stopTimer = this.#ports.after(fetch.maxWaitMs, () => finish(fetch.giveUp()))
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

  /** Records were appended, or topics deleted: some may have what they wait for. */
  recheck(): void {
    for (const tryAgain of this.#waiting) tryAgain()
  }
}
