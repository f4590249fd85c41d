import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { type CompressionCounts, type EventLoop, type Measurement, parseWorkload, type Workload } from '../workload.ts'
import { LatencyHistogram } from './latencies.ts'
import { produceAtRate, watchEventLoop } from './paced.ts'

/** One Node client behind the few calls the modes need. A partition of -1 leaves the choice to the client. */
export interface Driver {
  readonly settings: Measurement['settings']
  /** Modes callback and paced. False: the buffer is full and the record was not taken. */
  produce?(partition: number, done: (error: unknown) => void): boolean
  drained?(): Promise<void>
  /** Mode callback of the clients that have no callback: their cheapest way is many records in one send. */
  sendArray?(partitions: readonly number[]): Promise<unknown>
  /** Modes promise and awaited. */
  send?(partition: number): Promise<unknown>
  /** Mode groups. Resolves when all are acknowledged, and committed where the workload is transactional. */
  sendGroup?(partitions: readonly number[]): Promise<unknown>
  /** What it has compressed so far. */
  compression?(): CompressionCounts
  flush(): Promise<void>
  close(): Promise<void>
}

const RECORDS_PER_ARRAY = 1_000
/** How many arrays are unsettled at a time. */
export const ARRAYS_OUTSTANDING = 5
/** A producing loop looks at the clock, and lets sockets be served, once in so many records. */
const RECORDS_PER_TURN = 4_096
/** In mode paced, one record in so many is timed: a clock read for each would be seen in the CPU. */
const RECORDS_PER_TIMED = 16

const TIMED_MODES: ReadonlySet<Workload['mode']> = new Set(['awaited', 'groups', 'paced'])

export interface Part {
  readonly records: number
  readonly durationMs: number
}

export interface Counts {
  acked: number
  failed: number
  firstError: unknown
}

/** Runs the workload in argv on a client and prints its measurement: the main program of every Node client. */
export async function runDriver(createDriver: (workload: Workload) => Promise<Driver>): Promise<void> {
  const workload = parseWorkload(process.argv[2] ?? '')
  const driver = await createDriver(workload)
  const before: Counts = { acked: 0, failed: 0, firstError: undefined }
  const measured: Counts = { acked: 0, failed: 0, firstError: undefined }
  const latencies = new LatencyHistogram()

  if (workload.coldPartitions > 0) await touchColdPartitions(driver, workload, before)
  await runPart(driver, workload, { records: workload.warmupRecords, durationMs: workload.warmupMs }, before)

  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
  const eventLoop = await runPart(driver, workload, workload, measured, (ms) => latencies.record(ms))
  const seconds = (performance.now() - startMs) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  const peakRss = peakRssBytes()
  await driver.close()

  const failed = before.failed + measured.failed
  if (failed > 0) process.stderr.write(`first error: ${String(before.firstError ?? measured.firstError)}\n`)
  const measurement: Measurement = {
    records: measured.acked,
    recordsBefore: before.acked,
    failed,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakRssBytes: peakRss,
    ...(TIMED_MODES.has(workload.mode) ? { latencyMs: latencies.percentiles() } : {}),
    ...(eventLoop === undefined ? {} : { eventLoop }),
    ...(driver.compression === undefined ? {} : { compression: driver.compression() }),
    settings: driver.settings,
  }
  process.stdout.write(`${JSON.stringify(measurement)}\n`)
}

/** Sends what a part asks for, and waits until all of it is settled. */
export async function runPart(
  driver: Driver,
  workload: Workload,
  part: Part,
  counts: Counts,
  onLatency?: (ms: number) => void,
): Promise<EventLoop | undefined> {
  const stopWatching = workload.mode === 'paced' ? watchEventLoop() : undefined
  await runMode(driver, workload, part, counts, onLatency)
  const eventLoop = stopWatching?.()
  await driver.flush()
  return eventLoop
}

async function runMode(
  driver: Driver,
  workload: Workload,
  part: Part,
  counts: Counts,
  onLatency?: (ms: number) => void,
): Promise<void> {
  switch (workload.mode) {
    case 'awaited':
      return awaitEach(driver, workload, part, counts, onLatency)
    case 'groups':
      return sendGroups(driver, workload, part, counts, onLatency)
    case 'promise':
      return sendOutstanding(driver, workload, part, counts)
    case 'paced':
      return producePaced(driver, workload, part, counts, onLatency)
    case 'callback':
      return driver.produce ? produceAll(driver, workload, part, counts) : sendArrays(driver, workload, part, counts)
  }
}

/** The hot loop of mode callback: it must cost next to nothing beside what it measures. */
async function produceAll(driver: Driver, workload: Workload, part: Part, counts: Counts): Promise<void> {
  const nextPartition = partitionsFor(workload)
  const done = (error: unknown): void => count(counts, error)
  const deadlineMs = performance.now() + part.durationMs
  let partition = nextPartition()

  for (let taken = 0; taken < part.records;) {
    if (driver.produce?.(partition, done)) {
      partition = nextPartition()
      taken += 1
      if (taken % RECORDS_PER_TURN !== 0) continue
      await new Promise((resolve) => setImmediate(resolve))
    } else {
      await driver.drained?.()
    }
    if (performance.now() >= deadlineMs) break
  }
}

async function sendOutstanding(driver: Driver, workload: Workload, part: Part, counts: Counts): Promise<void> {
  const nextPartition = partitionsFor(workload)
  const deadlineMs = performance.now() + part.durationMs
  let started = 0
  const lane = async (): Promise<void> => {
    while (started < part.records) {
      started += 1
      if (started % 64 === 0 && performance.now() >= deadlineMs) started = part.records
      try {
        await driver.send?.(nextPartition())
        counts.acked += 1
      } catch (error) {
        count(counts, error)
      }
    }
  }
  await Promise.all(Array.from({ length: workload.outstanding }, lane))
}

async function sendArrays(driver: Driver, workload: Workload, part: Part, counts: Counts): Promise<void> {
  const nextPartition = partitionsFor(workload)
  const deadlineMs = performance.now() + part.durationMs
  let started = 0
  const lane = async (): Promise<void> => {
    while (started < part.records && performance.now() < deadlineMs) {
      const size = Math.min(RECORDS_PER_ARRAY, part.records - started)
      started += size
      try {
        await driver.sendArray?.(Array.from({ length: size }, nextPartition))
        counts.acked += size
      } catch (error) {
        counts.failed += size
        counts.firstError ??= error
      }
    }
  }
  await Promise.all(Array.from({ length: ARRAYS_OUTSTANDING }, lane))
}

async function awaitEach(
  driver: Driver,
  workload: Workload,
  part: Part,
  counts: Counts,
  onLatency?: (ms: number) => void,
): Promise<void> {
  const nextPartition = partitionsFor(workload)
  const deadlineMs = performance.now() + part.durationMs
  for (let sent = 0; sent < part.records; sent++) {
    const startMs = performance.now()
    if (startMs >= deadlineMs) break
    try {
      await driver.send?.(nextPartition())
      counts.acked += 1
    } catch (error) {
      count(counts, error)
    }
    onLatency?.(performance.now() - startMs)
  }
}

async function sendGroups(
  driver: Driver,
  workload: Workload,
  part: Part,
  counts: Counts,
  onLatency?: (ms: number) => void,
): Promise<void> {
  const group = Array.from({ length: workload.groupRecords }, partitionsFor(workload))
  const deadlineMs = performance.now() + part.durationMs
  for (let sent = 0; sent < part.records; sent += group.length) {
    const startMs = performance.now()
    if (startMs >= deadlineMs) break
    try {
      await driver.sendGroup?.(group)
      counts.acked += group.length
    } catch (error) {
      counts.failed += group.length
      counts.firstError ??= error
    }
    onLatency?.(performance.now() - startMs)
  }
}

async function producePaced(
  driver: Driver,
  workload: Workload,
  part: Part,
  counts: Counts,
  onLatency?: (ms: number) => void,
): Promise<void> {
  const nextPartition = partitionsFor(workload)
  const done = (error: unknown): void => count(counts, error)
  const doneAfter =
    (startMs: number) =>
    (error: unknown): void => {
      count(counts, error)
      onLatency?.(performance.now() - startMs)
    }
  let produced = 0
  await produceAtRate({ ...part, recordsPerSecond: workload.recordsPerSecond }, () => {
    const isTimed = produced % RECORDS_PER_TIMED === 0
    const isTaken = driver.produce?.(nextPartition(), isTimed ? doneAfter(performance.now()) : done) ?? false
    if (isTaken) produced += 1
    return isTaken
  })
}

async function touchColdPartitions(driver: Driver, workload: Workload, counts: Counts): Promise<void> {
  for (let partition = 1; partition <= workload.coldPartitions;) {
    if (driver.produce?.(partition, (error) => count(counts, error))) partition += 1
    else await driver.drained?.()
  }
  await driver.flush()
}

function partitionsFor({ partitioning, partitions }: Workload): () => number {
  if (partitioning === 'unkeyed') return () => -1
  if (partitioning === 'hot') return () => 0
  let last = -1
  return () => {
    last = last + 1 === partitions ? 0 : last + 1
    return last
  }
}

function count(counts: Counts, error: unknown): void {
  if (error === null || error === undefined) {
    counts.acked += 1
  } else {
    counts.failed += 1
    counts.firstError ??= error
  }
}

/**
 * Linux tells the peak of this program in VmHWM. `maxRSS` is only the fallback: it survives fork and exec there, so a
 * child of a big runner would report the runner's size.
 */
function peakRssBytes(): number {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    if (match) return Number(match[1]) * 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024
}
