import type { Path, PathConditions } from '../network/path.ts'
import type { SimulatedConnection } from '../network/simulated-connection.ts'
import { type FaultContext, type FaultKind, nothingToEnd } from './fault-kind.ts'

/** For one connection there is, drawn by chance. */
function onConnection(hit: (connection: SimulatedConnection, context: FaultContext) => string) {
  return (context: FaultContext): (() => void) => {
    const { simulation, random, fired } = context
    const connection = random.pick(simulation.paths.flatMap(({ connections }) => [...connections]))
    if (connection !== undefined) fired(`connection ${connection.id}: ${hit(connection, context)}`)
    return nothingToEnd
  }
}

/** For the way to one broker, as long as the fault lasts. */
function onPath(worsen: (conditions: PathConditions, context: FaultContext) => Partial<PathConditions>) {
  return (context: FaultContext): (() => void) => {
    const { simulation, random, fired } = context
    const path: Path = random.pick(simulation.paths)
    const worse = worsen(path.conditions, context)
    const before = { ...path.conditions }
    Object.assign(path.conditions, worse)
    const what = Object.entries(worse).map(([name, value]) => `${name} ${value}`)
    if (path.connections.size > 0 || worse.connects !== undefined) fired(`broker ${path.nodeId}: ${what.join(', ')}`)
    const names = new Set(Object.keys(worse))
    return () => {
      Object.assign(path.conditions, Object.fromEntries(Object.entries(before).filter(([name]) => names.has(name))))
    }
  }
}

const MOMENT: FaultKind['durationsMs'] = [1, 1]

export const networkFaults: readonly FaultKind[] = [
  {
    name: 'reset',
    weight: 0.4,
    durationsMs: MOMENT,
    start: onConnection((connection) => {
      connection.reset()
      return 'reset'
    }),
  },
  {
    name: 'reset at a byte of a request',
    weight: 0.4,
    durationsMs: MOMENT,
    start: onConnection((connection, { random }) => {
      const leftBytes = random.between(1, 400)
      connection.up.cut = { budget: { leftBytes }, run: () => connection.reset() }
      return `reset after ${leftBytes} more bytes up`
    }),
  },
  {
    name: 'reset at a byte of an answer',
    weight: 0.4,
    durationsMs: MOMENT,
    start: onConnection((connection, { random }) => {
      const leftBytes = random.between(1, 120)
      connection.down.cut = { budget: { leftBytes }, run: () => connection.reset() }
      return `reset after ${leftBytes} more bytes down`
    }),
  },
  {
    name: 'end by the broker',
    weight: 0.3,
    durationsMs: MOMENT,
    start: onConnection((connection) => {
      connection.finish()
      return 'ended by the broker'
    }),
  },
  {
    name: 'forgotten by a router',
    weight: 0.3,
    durationsMs: MOMENT,
    start: onConnection((connection) => {
      connection.die()
      return 'dead, and nobody is told'
    }),
  },
  {
    name: 'blackhole',
    weight: 0.3,
    durationsMs: [50, 20_000],
    start: onPath((_, { simulation, durationMs }) => {
      const untilMs = simulation.nowMs + durationMs
      return { blockedUpUntilMs: untilMs, blockedDownUntilMs: untilMs }
    }),
  },
  {
    name: 'blackhole of answers',
    weight: 0.4,
    durationsMs: [50, 20_000],
    start: onPath((_, { simulation, durationMs }) => ({ blockedDownUntilMs: simulation.nowMs + durationMs })),
  },
  {
    name: 'blackhole of requests',
    weight: 0.3,
    durationsMs: [50, 20_000],
    start: onPath((_, { simulation, durationMs }) => ({ blockedUpUntilMs: simulation.nowMs + durationMs })),
  },
  {
    name: 'slow drip',
    weight: 0.2,
    durationsMs: [500, 10_000],
    start: onPath((_, { random }) => ({
      pieceBytesMax: random.pick([1, 10, 100]),
      pieceGapMs: random.pick([10, 100]),
    })),
  },
  {
    name: 'latency',
    weight: 0.3,
    durationsMs: [100, 10_000],
    start: onPath((_, { random }) => ({ latencyMs: random.pick([100, 500, 5_000]), jitterMs: random.pick([0, 500]) })),
  },
  {
    name: 'small pieces',
    weight: 0.3,
    durationsMs: [500, 20_000],
    start: onPath((_, { random }) => ({ pieceBytesMax: random.pick([1, 2, 7]) })),
  },
  {
    name: 'full sockets',
    weight: 0.4,
    durationsMs: [100, 20_000],
    start: onPath((_, { random }) => ({
      writeBytesMax: random.pick([1, 50, 1_000]),
      writeGapMs: random.pick([1, 50, 2_000]),
    })),
  },
  {
    name: 'connections refused',
    weight: 0.3,
    durationsMs: [100, 10_000],
    start: onPath(() => ({ connects: 'REFUSED' })),
  },
  {
    name: 'connections never come up',
    weight: 0.3,
    durationsMs: [100, 20_000],
    start: onPath(() => ({ connects: 'SILENT' })),
  },
  {
    name: 'names not resolved',
    weight: 0.2,
    durationsMs: [100, 10_000],
    start: ({ simulation, random, fired }) => {
      simulation.names.state = random.pick(['FAILING', 'SILENT', 'EMPTY'])
      fired(`names: ${simulation.names.state}`)
      return () => {
        simulation.names.state = 'RESOLVING'
      }
    },
  },
]
