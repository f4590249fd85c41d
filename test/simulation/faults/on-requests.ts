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
