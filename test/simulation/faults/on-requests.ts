import type { Fault } from '@linger/broker'
import type { FaultContext } from './fault-kind.ts'

/**
 * Hits some of the requests of one kind as long as it lasts.
 *
 * @param shares of ten thousand requests, how many are hit
 */
export function onRequests(
  apiName: string,
  faultFor: (context: FaultContext) => Fault,
  shares: readonly [number, ...number[]] = [500, 2_000, 10_000],
) {
  return (context: FaultContext): (() => void) => {
    const { simulation, random, fired } = context
    const share = random.pick(shares) / 10_000
    const fault = faultFor(context)
    return simulation.cluster.faults.intercept((request) => {
      if (request.apiName !== apiName || !random.isLucky(share)) return undefined
      fired(`${apiName} ${request.ordinal} to broker ${request.nodeId}: ${JSON.stringify(fault)}`)
      return fault
    })
  }
}

/** A request that waits before it is done, or whose answer does. */
export function late(delaysMs: readonly [number, ...number[]]) {
  return ({ random }: FaultContext): Fault => ({
    kind: 'delay',
    delayMs: random.pick(delaysMs),
    when: random.pick(['before', 'after']),
  })
}

/** A request that is never answered, done or not. */
export function neverAnswered({ random }: FaultContext): Fault {
  return { kind: 'hang', when: random.pick(['before', 'after']) }
}

/** An answer that comes late, or not at all. */
export function lateOrNever({ random }: FaultContext): Fault {
  return random.isLucky(0.5) ? { kind: 'hang' } : { kind: 'delay', delayMs: random.pick([10, 1_000, 20_000]) }
}
