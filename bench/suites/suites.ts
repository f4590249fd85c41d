import { awaitedLatency } from './awaited-latency.ts'
import { compression } from './compression.ts'
import { dropIn } from './drop-in.ts'
import { eventLoop } from './event-loop.ts'
import { footprint } from './footprint.ts'
import { memory } from './memory.ts'
import { micro } from './micro.ts'
import { observers } from './observers.ts'
import { partitions } from './partitions.ts'
import type { Suite } from './suite.ts'
import { throughputCallback } from './throughput-callback.ts'
import { throughputPromise } from './throughput-promise.ts'
import { transactions } from './transactions.ts'
import { tuning } from './tuning.ts'

export const suites: readonly Suite[] = [
  throughputCallback,
  throughputPromise,
  awaitedLatency,
  memory,
  partitions,
  transactions,
  compression,
  eventLoop,
  tuning,
  dropIn,
  footprint,
  observers,
  micro,
]
