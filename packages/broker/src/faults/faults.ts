import type { Fault, ReceivedRequest } from './fault.ts'
import { type FaultScope, matches, type MatchesPartition, partitionsIn } from './fault-scope.ts'

/** Decides about every request. */
export type Interceptor = (request: ReceivedRequest) => Fault | readonly Fault[] | undefined

/** A fault that hits a request, and the part of the request that it is for. */
export interface FiredFault {
  readonly fault: Fault
  readonly isMeant: MatchesPartition
}

/** Faults that wait for their requests. */
export interface PushedFaults {
  /** How many have not met a request yet. */
  readonly remaining: number
  /** Those that remain hit nothing any more. */
  cancel(): void
}

const ANY_PARTITION: MatchesPartition = () => true

/**
 * What is to go wrong in a cluster, request by request.
 *
 * ```ts
 * cluster.faults.push(
 *   { api: 'Produce', nodeId: 1, topic: 'orders' },
 *   { kind: 'error', errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER },
 *   { kind: 'delay', delayMs: 500 },
 * )
 * ```
 * The first matching request gets the error, the second the delay. Faults of several lists may hit one request: those
 * pushed first are nearest to the client.
 */
export class Faults {
  #lists: { readonly scope: FaultScope; readonly queue: Fault[] }[] = []
  readonly #interceptors = new Set<Interceptor>()
  #firedCount = 0

  get isEmpty(): boolean {
    return this.#lists.length === 0 && this.#interceptors.size === 0
  }

  /** How many have hit a request. */
  get firedCount(): number {
    return this.#firedCount
  }

  /** Each is used once, in order. */
  push(scope: FaultScope, ...faults: readonly Fault[]): PushedFaults {
    const list = { scope, queue: [...faults] }
    this.#lists.push(list)
    return {
      get remaining() {
        return list.queue.length
      },
      cancel: () => {
        list.queue.length = 0
        this.#lists = this.#lists.filter((other) => other !== list)
      },
    }
  }

  /** Asks about every request. Answers what ends that. */
  intercept(interceptor: Interceptor): () => void {
    this.#interceptors.add(interceptor)
    return () => this.#interceptors.delete(interceptor)
  }

  /** All faults are over, those that wait and those that are decided request by request. */
  clear(): void {
    for (const { queue } of this.#lists) queue.length = 0
    this.#lists = []
    this.#interceptors.clear()
  }

  /** @internal Those that hit this request. They are used up by that. */
  take(request: ReceivedRequest): readonly FiredFault[] {
    const taken: FiredFault[] = []
    for (const { scope, queue } of this.#lists) {
      if (!matches(scope, request)) continue
      const fault = queue.shift()
      if (fault !== undefined) taken.push({ fault, isMeant: partitionsIn(scope) })
    }
    this.#lists = this.#lists.filter(({ queue }) => queue.length > 0)
    for (const interceptor of this.#interceptors) {
      const answer = interceptor(request) ?? []
      for (const fault of 'kind' in answer ? [answer] : answer) taken.push({ fault, isMeant: ANY_PARTITION })
    }
    const fired = taken.filter(({ fault }) => fault.kind !== 'pass')
    this.#firedCount += fired.length
    return fired
  }
}
