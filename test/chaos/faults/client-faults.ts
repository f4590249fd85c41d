import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** What happens to the process in which the producers are. */
export const CLIENT_FAULTS: readonly Fault[] = [
  {
    name: 'event-loop-stall',
    kind: 'NETWORK',
    strike: async ({ load, random }) => {
      const ms = random.between(500, 6_000)
      await load.stall(ms)
      return { hits: 1, what: `${ms} ms` }
    },
  },
  {
    // As a suspended function host: the clock goes on and nothing else.
    name: 'freeze',
    kind: 'NETWORK',
    strike: async ({ cluster, load, random, signal }) => {
      const ms = random.between(1_000, 8_000)
      const resume = await cluster.pause(load.pid)
      try {
        await delay(ms, undefined, { signal })
      } finally {
        await resume()
      }
      return { hits: 1, what: `${ms} ms` }
    },
  },
]
