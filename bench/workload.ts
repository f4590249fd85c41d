/**
 * What a client program is asked to do. The runner passes it as one flat JSON object in argv[2] (argv[1] in C, Go and
 * Java): flat, so that the C client finds its numbers without a JSON library.
 */
export interface Workload {
  readonly bootstrapServers: string
  readonly topic: string
  readonly partitions: number
  /**
   * - callback: as fast as the client's buffer allows, by its cheapest way to learn of each acknowledgement
   * - promise: one send per record, `outstanding` of them unsettled at any time
   * - awaited: one send at a time, each of them timed
   * - groups: `groupRecords` records that end together, by a flush or a commit; one group at a time, each of them timed
   * - paced: `recordsPerSecond` by callback, beside a timer that has nothing to do with them
   */
  readonly mode: 'callback' | 'promise' | 'awaited' | 'groups' | 'paced'
  readonly outstanding: number
  readonly groupRecords: number
  /** Each group is a transaction. */
  readonly transactional: boolean
  readonly recordsPerSecond: number
  /** `round-robin` names the partition of every record; `hot` sends all to partition 0; `unkeyed` leaves it to the client. */
  readonly partitioning: 'round-robin' | 'hot' | 'unkeyed'
  /** One record goes to each of partitions 1 to `coldPartitions` before the warm-up. */
  readonly coldPartitions: number
  readonly valueBytes: number
  /** The same bytes in every record, or documents that compress as an application's do: the clients in Node have those. */
  readonly values: 'filler' | 'json'
  /** Only the clients in Node compress. */
  readonly compressionType: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** The warm-up and then the measured part each end at their count or their time, whichever comes first. */
  readonly warmupRecords: number
  readonly warmupMs: number
  readonly records: number
  readonly durationMs: number
  /** All clients but Linger have 'all' only. */
  readonly acks: 'all' | -1 | 0 | 1
  readonly idempotent: boolean
  readonly lingerMs: number
  readonly batchSize: number
  readonly bufferMemory: number
}

/** What a client program prints: one JSON line on stdout. */
export interface Measurement {
  /** Records acknowledged in the measured part. */
  readonly records: number
  /** Records acknowledged before it, so that the log can be counted against all of them. */
  readonly recordsBefore: number
  readonly failed: number
  readonly seconds: number
  /** User and system time of the client's own process, all threads, in the measured part. */
  readonly cpuSeconds: number
  /** Of the whole life of the process. */
  readonly peakRssBytes: number
  /** Present in modes awaited, groups and paced: of a record, of a group, or of a record now and then. */
  readonly latencyMs?: Latencies
  /** Present in mode paced. */
  readonly eventLoop?: EventLoop
  /** Present where the client can tell how it compressed, before the measured part too. */
  readonly compression?: CompressionCounts
  /** What the client really used, under its own names. */
  readonly settings: Readonly<Record<string, string | number | boolean>>
}

export interface Latencies {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export interface EventLoop {
  /** 0 to 1: the share of the time in which it did something. */
  readonly utilization: number
  /** How much later than asked for a timer of 10 ms rang. */
  readonly timerLateMs: Latencies
}

export interface CompressionCounts {
  readonly batches: number
  readonly uncompressedBytes: number
  readonly compressedBytes: number
  /** Batches that came out too large, or that a broker found too large, and went in smaller ones. */
  readonly splits: number
}

export function parseWorkload(json: string): Workload {
  const value: unknown = JSON.parse(json)
  if (!hasNumbers<Workload>(value, 'partitions', 'outstanding', 'valueBytes', 'warmupMs', 'durationMs', 'records')) {
    throw new TypeError(`not a workload: ${json}`)
  }
  return value
}

export function parseMeasurement(json: string): Measurement {
  const value: unknown = JSON.parse(json)
  if (!hasNumbers<Measurement>(value, 'records', 'recordsBefore', 'failed', 'seconds', 'cpuSeconds', 'peakRssBytes')) {
    throw new TypeError(`not a measurement: ${json}`)
  }
  return value
}

/** Enough to know one of the two from anything else: their other fields are read by people or checked by the client. */
function hasNumbers<T extends object>(value: unknown, ...names: readonly (keyof T & string)[]): value is T {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof Object.entries(value).find(([key]) => key === name)?.[1] === 'number')
  )
}
