import {
  codecFor,
  correlationIdOf,
  crc32c,
  decodeRequest,
  decodeRequestHeader,
  decodeResponseFrame,
  FrameReader,
  produce,
} from '@linger/protocol'
import type { Age } from '../aged-producers.ts'
import type { NetworkObserver, ObservedConnection } from '../network/simulated-network.ts'
import { batchAt, SEQUENCES, type WireBatch } from './wire-batch.ts'

/** What a producer may never exceed. */
export interface WireLimits {
  readonly maxInFlight: number
  readonly maxRequestSize: number
  /** For batches of several records. */
  readonly batchSize: number
  readonly maxProduceRequestBytes: number
}

/** What is known of one attempt, or of all attempts, of a batch. */
type Verdict = 'PENDING' | 'REFUSED' | 'UNKNOWN' | 'WRITTEN'

/** A batch that was on the wire, whatever the number of attempts. */
interface SentBatch {
  readonly batch: WireBatch
  /** Of the last attempt. */
  verdict: Verdict
  /** An attempt ended without proof that nothing was appended. */
  mayBeWritten: boolean
}

/** One partition as one producer writes to it. */
interface Lane {
  /** Topic and partition. */
  readonly place: string
  inFlight: SentBatch | undefined
  /** By producer id: the newest epoch. */
  readonly epochs: Map<bigint, number>
  /** The last batch under each producer id and epoch. */
  readonly last: Map<string, SentBatch>
  /** By producer id, epoch and base sequence. */
  readonly stamped: Map<string, SentBatch>
  /** By checksum and size of the records themselves. */
  readonly byRecords: Map<string, SentBatch>
}

interface Flight {
  readonly correlationId: number
  readonly version: number
  readonly batches: readonly { readonly lane: Lane; readonly sent: SentBatch }[]
}

/** A connection as it is heard and answered. */
interface Line {
  readonly flights: Flight[]
  /** Undefined once its bytes made no sense. */
  answers: FrameReader | undefined
}

/**
 * Codes that prove of their attempt that nothing was appended. Written down here and not taken from the producer, which
 * is judged by it.
 */
const PROOF_OF_ABSENCE: ReadonlySet<number> = new Set([
  2, 5, 10, 17, 18, 19, 21, 29, 31, 32, 35, 42, 43, 44, 45, 47, 48, 53, 59, 74, 76, 87, 89, 90, 100, 103,
])

const PROOF_OF_WRITING: ReadonlySet<number> = new Set([0, 46])

/**
 * Judges what producers put on the wire, without looking into them or into a log.
 *
 * For each producer id, epoch, topic-partition and base sequence the bytes are the same at each attempt, as long as one
 * of them may have been written. Each batch goes on where the last one ended, modulo 2^31; a new epoch begins at 0. No
 * partition has two batches in flight; nothing is sent again that was acknowledged, nor under another stamp what may have
 * been written.
 */
export class WireOracle implements NetworkObserver {
  readonly #violate: (what: string) => void
  readonly #limits: readonly WireLimits[]
  readonly #age: Age
  readonly #topicNameOf: (id: string) => string
  readonly #lanes = new Map<string, Lane>()
  readonly #lines = new Map<number, Line>()
  /**
   * Topics that were made anew. Between transactions nothing is on its way that could land in the new log, so that
   * sequences begin again; all others need another epoch for that.
   */
  readonly #madeAnew = new Set<string>()
  /** By producer: the ids that it had. */
  readonly #producerIds = new Map<number, Set<bigint>>()
  batchCount = 0
  retryCount = 0

  /** @param limits by producer */
  constructor(
    limits: readonly WireLimits[],
    age: Age,
    topicNameOf: (id: string) => string,
    violate: (what: string) => void,
  ) {
    this.#limits = limits
    this.#age = age
    this.#topicNameOf = topicNameOf
    this.#violate = violate
  }

  onTopicMadeAnew(topic: string): void {
    this.#madeAnew.add(topic)
  }

  /** How many producer ids this producer has stamped its batches with. */
  producerIdCountOf(owner: number): number {
    return this.#producerIds.get(owner)?.size ?? 0
  }

  onWrite(connection: ObservedConnection, bytes: Buffer): void {
    const frame = bytes.subarray(4)
    if (bytes.readInt32BE(0) !== frame.length) {
      this.#violate(`connection ${connection.id}: a write of ${bytes.length} bytes is not one request`)
      return
    }
    const { apiKey, apiVersion, correlationId, bodyOffset } = decodeRequestHeader(frame)
    if (apiKey === produce.apiKey) this.#onProduce(connection, frame, apiVersion, correlationId, bodyOffset)
    else this.#fly(connection, { correlationId, version: apiVersion, batches: [] })
  }

  onReceived(connection: ObservedConnection, piece: Buffer): void {
    const line = this.#lineOf(connection)
    try {
      line.answers?.push(Buffer.from(piece), (frame) => this.#onAnswer(line, frame))
    } catch {
      line.answers = undefined // not Kafka, or cut where the producer would notice too
    }
  }

  onClosed(connection: ObservedConnection): void {
    const line = this.#lines.get(connection.id)
    this.#lines.delete(connection.id)
    for (const { batches } of line?.flights ?? []) for (const { lane, sent } of batches) land(lane, sent, undefined)
  }

  #onProduce(
    connection: ObservedConnection,
    frame: Buffer,
    version: number,
    correlationId: number,
    bodyOffset: number,
  ): void {
    const body = decodeRequest(codecFor<typeof produce>(produce, version), frame, bodyOffset)
    const limits = this.#limits[connection.owner]
    const batches = body.topicData.flatMap((topic) =>
      topic.partitionData.map(({ index, records }) => {
        const name = version >= 13 ? this.#topicNameOf(topic.topicId) : topic.name
        return this.#onBatch(connection.owner, name, index, records, body.acks)
      }),
    )
    if (
      limits !== undefined &&
      batches.length > 1 &&
      frame.length > limits.maxProduceRequestBytes + 1024 * batches.length
    ) {
      this.#violate(`a request of ${frame.length} bytes with ${batches.length} batches`)
    }
    if (body.acks === 0) for (const { lane, sent } of batches) land(lane, sent, undefined)
    else this.#fly(connection, { correlationId, version, batches })
  }

  #onBatch(
    owner: number,
    topic: string,
    partition: number,
    records: Uint8Array | null,
    acks: number,
  ): { readonly lane: Lane; readonly sent: SentBatch } {
    const place = `${topic}-${partition}`
    const lane = this.#laneOf(owner, place)
    const batch = batchAt(records ?? new Uint8Array())
    const about = `producer ${owner}, ${place}`
    this.batchCount += 1
    this.#producerIds.set(owner, (this.#producerIds.get(owner) ?? new Set()).add(batch.producerId))
    const { maxRequestSize = Infinity, batchSize = Infinity } = this.#limits[owner] ?? {}
    if (batch.bytes.length > (batch.recordCount === 1 ? maxRequestSize : Math.min(maxRequestSize, batchSize)))
      this.#violate(`${about}: a batch of ${batch.bytes.length} bytes`)
    if (lane.inFlight !== undefined) this.#violate(`${about}: a second batch is in flight`)
    if (crc32c(batch.bytes.subarray(21)) !== batch.crc) this.#violate(`${about}: the checksum is wrong`)

    const recordsName = `${crc32c(batch.records)} ${batch.records.length}`
    const before = lane.byRecords.get(recordsName)
    const isRetry = before !== undefined && before.batch.bytes.equals(batch.bytes)
    if (isRetry) this.retryCount += 1
    else this.#judgeEpoch(about, lane, batch)
    if (before !== undefined) this.#judgeAgain(about, before, isRetry, acks)
    const mayBeginAgain = batch.isTransactional && this.#madeAnew.has(topic)
    if (batch.producerId >= 0n && !mayBeginAgain) this.#judgeStamp(about, lane, batch)

    const sent: SentBatch = isRetry ? before : { batch, verdict: 'PENDING', mayBeWritten: false }
    sent.verdict = 'PENDING'
    lane.inFlight = sent
    lane.byRecords.set(recordsName, sent)
    lane.last.set(batch.epochName, sent)
    lane.stamped.set(batch.stampName, sent)
    return { lane, sent }
  }

  #judgeAgain(about: string, before: SentBatch, isRetry: boolean, acks: number): void {
    if (before.verdict === 'WRITTEN') this.#violate(`${about}: sent again after it was acknowledged`)
    if (acks === 0) this.#violate(`${about}: sent again with acks 0`)
    if (!isRetry && before.mayBeWritten && before.batch.producerId >= 0n) {
      this.#violate(`${about}: records that may have been written are sent under another stamp or in another batch`)
    }
  }

  /** Brokers refuse an older epoch for ever. */
  #judgeEpoch(about: string, { epochs }: Lane, { producerId, epoch }: WireBatch): void {
    const newest = epochs.get(producerId) ?? -1
    if (epoch < newest) this.#violate(`${about}: producer id ${producerId} goes back from epoch ${newest} to ${epoch}`)
    epochs.set(producerId, Math.max(newest, epoch))
  }

  #judgeStamp(about: string, lane: Lane, batch: WireBatch): void {
    const used = lane.stamped.get(batch.stampName)
    if (used !== undefined && used.mayBeWritten && !used.batch.bytes.equals(batch.bytes)) {
      this.#violate(`${about}: ${batch.stampName} is used again for other bytes`)
    }
    const last = lane.last.get(batch.epochName)
    const first = batch.epoch === this.#age.epoch ? this.#age.sequence : 0
    const expected = last === undefined ? first : nextSequence(last)
    if (batch.baseSequence === expected) return
    const isRetry = last?.batch.baseSequence === batch.baseSequence && last.batch.bytes.equals(batch.bytes)
    if (!isRetry) this.#violate(`${about}: ${batch.stampName} where sequence ${expected} comes next`)
  }

  #fly(connection: ObservedConnection, flight: Flight): void {
    const { flights } = this.#lineOf(connection)
    flights.push(flight)
    const limit = this.#limits[connection.owner]?.maxInFlight ?? Infinity
    if (flights.length > limit) {
      this.#violate(`connection ${connection.id}: ${flights.length} requests in flight, ${limit} are allowed`)
    }
  }

  #onAnswer(line: Line, frame: Uint8Array): void {
    const correlationId = correlationIdOf(frame)
    if (line.flights[0]?.correlationId !== correlationId) {
      line.answers = undefined // out of step: what it says of anything is worth nothing
      return
    }
    const [flight] = line.flights
    if (flight.batches.length === 0) {
      line.flights.shift()
      return
    }
    const { response } = decodeResponseFrame(codecFor<typeof produce>(produce, flight.version), frame)
    line.flights.shift() // only now: an answer that cannot be read is none
    const codes = new Map<string, number>()
    for (const topic of response.responses) {
      const name = flight.version >= 13 ? this.#topicNameOf(topic.topicId) : topic.name
      for (const { index, errorCode } of topic.partitionResponses) codes.set(`${name}-${index}`, errorCode)
    }
    for (const { lane, sent } of flight.batches) land(lane, sent, codes.get(lane.place))
  }

  #laneOf(owner: number, place: string): Lane {
    const name = `${owner} ${place}`
    let lane = this.#lanes.get(name)
    if (lane === undefined) {
      lane = {
        place,
        inFlight: undefined,
        epochs: new Map(),
        last: new Map(),
        stamped: new Map(),
        byRecords: new Map(),
      }
      this.#lanes.set(name, lane)
    }
    return lane
  }

  #lineOf({ id }: ObservedConnection): Line {
    let line = this.#lines.get(id)
    if (line === undefined) {
      line = { flights: [], answers: new FrameReader() }
      this.#lines.set(id, line)
    }
    return line
  }
}

/** The attempt is over. @param errorCode undefined: no answer */
function land(lane: Lane, sent: SentBatch, errorCode: number | undefined): void {
  if (lane.inFlight === sent) lane.inFlight = undefined
  if (errorCode !== undefined && PROOF_OF_WRITING.has(errorCode)) sent.verdict = 'WRITTEN'
  else if (errorCode !== undefined && PROOF_OF_ABSENCE.has(errorCode)) sent.verdict = 'REFUSED'
  else sent.verdict = 'UNKNOWN'
  if (sent.verdict !== 'REFUSED') sent.mayBeWritten = true
}

/** Where the next batch of the epoch begins; NaN where none may follow in it. */
function nextSequence({ verdict, mayBeWritten, batch }: SentBatch): number {
  if (verdict === 'WRITTEN') return (batch.baseSequence + batch.recordCount) % SEQUENCES
  return mayBeWritten ? Number.NaN : batch.baseSequence
}
