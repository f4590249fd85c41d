import { setTimeout as delay } from 'node:timers/promises'
import type { ProxiedBroker } from '../cluster/chaos-cluster.ts'
import type { Flow } from '../proxy/flow.ts'
import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { Fault, FaultWorld } from './fault.ts'

const ALL = Number.MAX_SAFE_INTEGER

type Flows = (random: SeededRandom) => { readonly requests?: Flow; readonly answers?: Flow }
type Range = readonly [minMs: number, maxMs: number]

/** What happens on the line between producers and brokers. */
export const NETWORK_FAULTS: readonly Fault[] = [
  endings('reset', (proxy) => proxy.resetAll()),
  endings('fin', (proxy) => proxy.endAll()),
  // Longer than a request may take: the connection is given up, and not only slow.
  flow('blackhole', [3_000, 7_000], () => ({ requests: { name: 'SWALLOWED' }, answers: { name: 'SWALLOWED' } })),
  flow('answers-lost', [3_000, 7_000], () => ({ answers: { name: 'SWALLOWED' } })),
  flow('requests-lost', [3_000, 7_000], () => ({ requests: { name: 'SWALLOWED' } })),
  flow('late-requests', [2_000, 7_000], () => ({ requests: { name: 'HELD' } })),
  flow('late-answers', [2_000, 7_000], () => ({ answers: { name: 'HELD' } })),
  flow('drip', [3_000, 6_000], () => {
    const drip: Flow = { name: 'IN_PIECES', pieceBytes: 1, pauseMs: 100, upToBytes: ALL }
    return { answers: drip }
  }),
  flow('narrow-line', [3_000, 8_000], (random) => {
    const pieceBytes = random.between(1_000, 10_000) // 20 to 200 KB/s
    return { requests: { name: 'IN_PIECES', pieceBytes, pauseMs: 50, upToBytes: ALL } }
  }),
  flow('latency', [3_000, 8_000], (random) => {
    const slow: Flow = { name: 'DELAYED', latencyMs: random.between(5, 500), jitterMs: random.between(0, 500) }
    return { requests: slow, answers: slow }
  }),
  flow('cut-answers', [1_000, 4_000], (random) => {
    return { answers: { name: 'CUT', afterBytes: random.between(0, 600), by: random.pick(['RESET', 'FIN']) } }
  }),
  flow('cut-requests', [1_000, 4_000], (random) => {
    return { requests: { name: 'CUT', afterBytes: random.between(0, 100_000), by: random.pick(['RESET', 'FIN']) } }
  }),
  flow('crumbs', [3_000, 6_000], () => ({
    requests: { name: 'IN_PIECES', pieceBytes: 1, pauseMs: 0, upToBytes: 100 },
    answers: { name: 'IN_PIECES', pieceBytes: 1, pauseMs: 0, upToBytes: ALL },
  })),
  unreachable('refuse', async (proxy) => proxy.refuse()),
  unreachable('connect-hang', async (proxy) => proxy.leaveUnanswered()),
]

/** Connections end, several times in a row. */
function endings(name: string, end: (proxy: ProxiedBroker['proxy']) => number): Fault {
  return {
    name,
    kind: 'NETWORK',
    strike: async (world) => {
      let hits = 0
      const times = world.random.between(2, 8)
      for (let time = 0; time < times; time++) {
        for (const { proxy } of victims(world)) hits += end(proxy)
        await delay(world.random.between(50, 1_000), undefined, { signal: world.signal })
      }
      return { hits, what: `${hits} connections in ${times} times` }
    },
  }
}

/** Bytes come otherwise than they were sent, for a while. */
function flow(name: string, lasts: Range, flowsOf: Flows): Fault {
  return {
    name,
    kind: 'NETWORK',
    strike: async (world) => {
      const flows = flowsOf(world.random)
      let hits = 0
      const ms = await during(world, lasts, {
        begin: async ({ proxy }) => proxy.impose(flows),
        end: async ({ proxy }) => {
          hits += proxy.hitCount
          await proxy.clear()
        },
      })
      return { hits, what: `${hits} pieces of data, ${ms}` }
    },
  }
}

/** Connections end, and new ones cannot be made for a while. */
function unreachable(name: string, close: (proxy: ProxiedBroker['proxy']) => Promise<void>): Fault {
  return {
    name,
    kind: 'NETWORK',
    strike: async (world) => {
      let hits = 0
      const ms = await during(world, [2_000, 7_000], {
        begin: async ({ proxy }) => {
          await close(proxy)
          hits += proxy.resetAll()
        },
        end: async ({ proxy }) => proxy.clear(),
      })
      return { hits, what: `${hits} connections, ${ms}` }
    },
  }
}

interface Period {
  readonly begin: (broker: ProxiedBroker) => Promise<void>
  readonly end: (broker: ProxiedBroker) => Promise<void>
}

async function during(world: FaultWorld, [minMs, maxMs]: Range, { begin, end }: Period): Promise<string> {
  const hit = victims(world)
  const ms = world.random.between(minMs, maxMs)
  try {
    for (const broker of hit) await begin(broker)
    await delay(ms, undefined, { signal: world.signal })
  } finally {
    for (const broker of hit) await end(broker)
  }
  return `${ms} ms before ${hit.length === 1 ? `broker ${hit[0]?.broker.nodeId}` : 'all brokers'}`
}

/** One broker, or all: a producer that can turn to another one has it easier. */
function victims({ cluster: { brokers }, random }: FaultWorld): readonly ProxiedBroker[] {
  return random.isLucky(0.6) ? [random.pick(brokers)] : brokers
}
