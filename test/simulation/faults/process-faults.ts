import { type FaultKind, nothingToEnd } from './fault-kind.ts'

export const processFaults: readonly FaultKind[] = [
  {
    name: 'freeze',
    weight: 0.3,
    durationsMs: [1_000, 400_000],
    start: ({ simulation, random, durationMs, fired }) => {
      const process = random.pick(simulation.processes)
      process.freeze(durationMs)
      fired(`producer ${process.index} frozen for ${durationMs} ms`)
      return nothingToEnd
    },
  },
  {
    name: 'wall clock jumps',
    weight: 0.2,
    durationsMs: [1, 1],
    start: ({ simulation, random, fired }) => {
      const process = random.pick(simulation.processes)
      // Brokers refuse records from more than an hour ahead.
      process.wallOffsetMs = random.pick([-86_400_000, -3_600_000, -1, 0, 60_000, 3_000_000])
      fired(`producer ${process.index}: the clock on the wall is ${process.wallOffsetMs} ms off`)
      return nothingToEnd
    },
  },
]
