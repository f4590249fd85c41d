import { decompress, type CompressionType } from '@linger/compression'
import {
  apiForKey,
  codecFor,
  correlationIdOf,
  decodeRequest,
  decodeRequestHeader,
  FrameReader,
  produce,
  readRecordBatches,
  type Api,
  type ProduceRequest,
  type RecordBatch,
  type RequestOf,
} from '@linger/protocol'
import type { Address } from '../../src/index.ts'
import type { NetworkObserver } from './virtual-network.ts'
import type { Timeline } from './timeline.ts'

/** A request as the producer handed it to a socket. */
export interface WireRequest {
  readonly atMs: number
  readonly connectionId: number
  readonly address: Address
  readonly apiName: string
  readonly apiVersion: number
  readonly correlationId: number
  /** Without its size. A copy. */
  readonly frame: Buffer
  readonly bodyOffset: number
}

/** A batch in a Produce request. */
export interface WireBatch {
  readonly request: WireRequest
  readonly acks: number
  /** The topic's name, or its id from version 13 on. */
  readonly topic: string
  readonly partition: number
  readonly bytes: Uint8Array
  readonly batch: RecordBatch
}

/** More than any test sends in a batch. */
const DECOMPRESSED_MAX = 100_000_000

interface InFlight {
  readonly correlationId: number
  readonly partitions: readonly string[]
}

/**
 * What the producer says and hears, recorded and judged: a connection never has more requests in flight than allowed,
 * no partition has more than one batch in flight, whatever connections there are, and sequences begin at 0.
 */
export class Wire implements NetworkObserver {
  readonly requests: WireRequest[] = []
  readonly batches: WireBatch[] = []
  /** What broke a rule, in words. Must stay empty. */
  readonly violations: string[] = []
  inFlightMax = 5
  /** The most requests that were in flight on one connection. */
  inFlightPeak = 0
  readonly #timeline: Timeline
  readonly #inFlight = new Map<number, InFlight[]>()
  /** By partition: what its last batch was stamped with. Of one producer: several would take turns. */
  readonly #identities = new Map<string, string>()
  readonly #answers = new Map<number, FrameReader>()

  constructor(timeline: Timeline) {
    this.#timeline = timeline
  }

  /** Requests of one API, in the order in which they were written. */
  of<A extends Api>(api: A): { readonly wire: WireRequest; readonly request: RequestOf<A> }[] {
    return this.requests
      .filter(({ apiName }) => apiName === api.name)
      .map((wire) => ({
        wire,
        request: decodeRequest(codecFor(api, wire.apiVersion), wire.frame, wire.bodyOffset),
      }))
  }

  onWrite(connectionId: number, address: Address, bytes: Buffer): void {
    new FrameReader().push(bytes, (frame) => this.#onRequest(connectionId, address, Buffer.from(frame)))
  }

  onReceived(connectionId: number, chunk: Buffer): void {
    let reader = this.#answers.get(connectionId)
    if (reader === undefined) {
      reader = new FrameReader()
      this.#answers.set(connectionId, reader)
    }
    try {
      reader.push(Buffer.from(chunk), (frame) => this.#onAnswer(connectionId, frame))
    } catch {
      this.#answers.delete(connectionId) // the peer does not speak Kafka: the producer will say so
    }
  }

  onClosed(connectionId: number): void {
    this.#inFlight.delete(connectionId)
    this.#answers.delete(connectionId)
  }

  #onRequest(connectionId: number, address: Address, frame: Buffer): void {
    const { apiKey, apiVersion, correlationId, bodyOffset } = decodeRequestHeader(frame)
    const apiName = apiForKey(apiKey)?.name ?? `api ${apiKey}`
    const request: WireRequest = {
      atMs: this.#timeline.nowMs,
      connectionId,
      address,
      apiName,
      apiVersion,
      correlationId,
      frame,
      bodyOffset,
    }
    this.requests.push(request)
    if (apiKey === produce.apiKey) this.#onProduce(request)
    else this.#fly(connectionId, { correlationId, partitions: [] })
  }

  #onProduce(request: WireRequest): void {
    const body = decodeRequest(codecFor(produce, request.apiVersion), request.frame, request.bodyOffset)
    const batches = batchesOf(request, body)
    this.batches.push(...batches)
    for (const batch of batches) this.#judgeIdentity(batch)
    const partitions = batches.map(({ topic, partition }) => `${topic}-${partition}`)
    if (new Set(partitions).size < partitions.length) {
      this.violations.push(
        `${this.#timeline.nowMs} ms: one request has several batches of a partition: ${partitions.join()}`,
      )
    }
    const flying = new Set([...this.#inFlight.values()].flat().flatMap((other) => other.partitions))
    for (const partition of partitions) {
      if (flying.has(partition))
        this.violations.push(`${this.#timeline.nowMs} ms: ${partition} has a batch in flight already`)
    }
    if (body.acks !== 0) this.#fly(request.connectionId, { correlationId: request.correlationId, partitions })
  }

  /** @source KIP-360: a partition's first batch of a new epoch or producer id has sequence 0 */
  #judgeIdentity({ topic, partition, batch: { producerId, producerEpoch, baseSequence } }: WireBatch): void {
    const name = `${topic}-${partition}`
    const identity = `producer id ${producerId}, epoch ${producerEpoch}`
    const before = this.#identities.get(name) ?? identity
    this.#identities.set(name, identity)
    if (before === identity || producerId < 0n || baseSequence === 0) return
    this.violations.push(`${this.#timeline.nowMs} ms: ${name} begins ${identity} with sequence ${baseSequence}`)
  }

  #fly(connectionId: number, request: InFlight): void {
    const inFlight = this.#inFlight.get(connectionId) ?? []
    inFlight.push(request)
    this.#inFlight.set(connectionId, inFlight)
    this.inFlightPeak = Math.max(this.inFlightPeak, inFlight.length)
    if (inFlight.length > this.inFlightMax) {
      this.violations.push(
        `${this.#timeline.nowMs} ms: ${inFlight.length} requests in flight on connection ${connectionId}`,
      )
    }
  }

  #onAnswer(connectionId: number, frame: Uint8Array): void {
    const inFlight = this.#inFlight.get(connectionId)
    const at = inFlight?.findIndex(({ correlationId }) => correlationId === correlationIdOf(frame)) ?? -1
    if (at >= 0) inFlight?.splice(at, 1)
  }
}

function batchesOf(request: WireRequest, { acks, topicData }: ProduceRequest): WireBatch[] {
  return topicData.flatMap((topic) =>
    topic.partitionData.map(({ index, records }) => {
      const bytes = Uint8Array.from(records ?? [])
      const [batch] = readRecordBatches(bytes, { decompress: decompressed })
      if (batch === undefined) throw new Error(`no batch for partition ${index}`)
      const name = request.apiVersion >= 13 ? topic.topicId : topic.name
      return { request, acks, topic: name, partition: index, bytes, batch }
    }),
  )
}

function decompressed(type: CompressionType, content: Uint8Array): Uint8Array {
  return decompress(type, content, { maxBytes: DECOMPRESSED_MAX })
}
