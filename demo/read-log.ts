import { errorFor, fetch, type FetchResponse, readRecordBatches, type Record, type RecordBatch } from '@linger/protocol'
import { BrokerConnection } from './broker-connection.ts'
import type { PartitionEnd } from './topic.ts'

/** Records of one partition, in the order of its log. */
export interface LogPiece {
  readonly partition: number
  readonly records: readonly Record[]
}

interface Range {
  readonly partition: number
  readonly to: number
  /** Of the next record to fetch. */
  position: number
}

/** The last version that names topics: brokers of every age speak it. */
const FETCH_VERSION_MAX = 12
const FETCH_BYTES_MAX = 4 * 1024 * 1024
const PARTITION_BYTES_MAX = 1024 * 1024
const WAIT_MS = 500
const STALLED_ANSWERS_MAX = 10

/**
 * Reads the records between two ends of each partition's log, from one leader after the other.
 *
 * A broker that gives nothing for some seconds is not asked again: what it kept back is missing from what comes.
 */
export async function* readLog(
  topic: string,
  starts: readonly PartitionEnd[],
  ends: readonly PartitionEnd[],
): AsyncGenerator<LogPiece> {
  const startOf = new Map(starts.map(({ partition, offset }) => [partition, offset]))
  for (const leader of new Set(ends.map((end) => end.leader))) {
    const ranges = ends
      .filter((end) => end.leader === leader)
      .map(({ partition, offset }) => ({ partition, to: offset, position: startOf.get(partition) ?? 0 }))
    const connection = await BrokerConnection.open(leader)
    try {
      yield* readFromLeader(connection, topic, ranges)
    } finally {
      connection.close()
    }
  }
}

/** The next answer is on its way while the caller works on the last one. */
async function* readFromLeader(
  connection: BrokerConnection,
  topic: string,
  ranges: readonly Range[],
): AsyncGenerator<LogPiece> {
  let stalledAnswers = 0
  let unread: readonly Range[] = ranges.filter(isUnread)
  let answer = fetchFrom(connection, topic, unread)
  while (unread.length > 0) {
    const pieces = piecesIn(await answer, unread)
    stalledAnswers = pieces.length > 0 ? 0 : stalledAnswers + 1
    if (stalledAnswers === STALLED_ANSWERS_MAX) return // the rest is not there: the caller misses it
    unread = inTurn(unread.filter(isUnread))
    answer = fetchFrom(connection, topic, unread)
    answer.catch(() => {}) // awaited in the next turn, if the caller comes back for it
    yield* pieces
  }
}

function isUnread({ position, to }: Range): boolean {
  return position < to
}

/** A broker fills its answer in the order asked: whoever was first must be last next time, or some wait for ever. */
function inTurn(ranges: readonly Range[]): readonly Range[] {
  return [...ranges.slice(1), ...ranges.slice(0, 1)]
}

async function fetchFrom(
  connection: BrokerConnection,
  topic: string,
  ranges: readonly Range[],
): Promise<FetchResponse | undefined> {
  if (ranges.length === 0) return undefined
  const partitions = ranges.map(({ partition, position }) => ({
    partition,
    fetchOffset: BigInt(position),
    partitionMaxBytes: PARTITION_BYTES_MAX,
  }))
  const limits = { maxWaitMs: WAIT_MS, minBytes: 1, maxBytes: FETCH_BYTES_MAX }
  return connection.ask(
    fetch,
    { ...limits, topics: [{ topic, partitions }], forgottenTopicsData: [] },
    FETCH_VERSION_MAX,
  )
}

/** Moves each range on behind what was found. */
function piecesIn(response: FetchResponse | undefined, ranges: readonly Range[]): LogPiece[] {
  const pieces: LogPiece[] = []
  for (const found of response?.responses.flatMap((topic) => topic.partitions) ?? []) {
    const range = ranges.find(({ partition }) => partition === found.partitionIndex)
    if (range === undefined) continue
    if (found.errorCode !== 0) {
      throw new Error(`partition ${range.partition} cannot be read: ${errorFor(found.errorCode).name}`)
    }
    for (const batch of readRecordBatches(found.records ?? new Uint8Array(), { cutLastBatch: 'skip' })) {
      pieces.push({ partition: range.partition, records: recordsIn(batch, range) })
      range.position = Math.max(range.position, Number(batch.baseOffset) + batch.lastOffsetDelta + 1)
    }
  }
  return pieces
}

/** A broker gives whole batches, so the first may begin before the offset asked for and the last end behind it. */
function recordsIn(batch: RecordBatch, { position, to }: Range): readonly Record[] {
  if (batch.isControl) return []
  return batch.records.filter(({ offset }) => offset >= position && offset < to)
}
