import type { Answer, EmbeddedBroker } from '@linger/broker'
import {
  type Api,
  apiForKey,
  apiVersions,
  codecFor,
  decodeRequest,
  decodeRequestHeader,
  decodeResponseFrame,
  encodeResponseFrame,
  FrameReader,
  produce,
  type RequestHeader,
  type RequestOf,
  type ResponseInput,
} from '@linger/protocol'
import type { Timeline } from './timeline.ts'
import type { Peer, PeerEvents } from './virtual-network.ts'

const SIZE_BYTES = 4

/** A request as a broker got it. */
export interface BrokerRequest {
  readonly nodeId: number
  readonly connectionId: number
  /** Ordinal among all requests to this broker, from 1. */
  readonly ordinal: number
  readonly api: Api | undefined
  readonly header: RequestHeader
  readonly frame: Uint8Array
}

/** What goes wrong with one request. */
export type Fault =
  /** The broker works, and its answer comes late; those behind it wait. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The broker works, and no answer ever comes on this connection any more. */
  | { readonly kind: 'hang' }
  /** The connection ends before the broker has worked. */
  | { readonly kind: 'close-before' }
  /** The broker works, and the connection ends instead of an answer. */
  | { readonly kind: 'close-after' }
  /** The broker does not work, and this is its answer: a frame with its size. */
  | { readonly kind: 'answer'; readonly frame: Uint8Array }
  /** The broker works, and its answer is changed on the way. */
  | { readonly kind: 'alter'; readonly alter: (frame: Uint8Array) => Uint8Array }

/** The versions of one API that a broker speaks. */
export type VersionLimits = Readonly<Record<string, readonly [min: number, max: number]>>

/** An embedded broker in the virtual network, with whatever may go wrong around it. */
export class BrokerHost {
  readonly broker: EmbeddedBroker
  readonly #timeline: Timeline
  #requests = 0
  /** Asked for every request; undefined lets it pass. */
  faultFor: (request: BrokerRequest) => Fault | undefined = () => undefined
  /** By API name: what an older broker would speak. An API with `[0, -1]` is not there at all. */
  versions: VersionLimits = {}
  readonly #peers = new Set<Peer>()

  constructor(broker: EmbeddedBroker, timeline: Timeline) {
    this.broker = broker
    this.#timeline = timeline
  }

  /** The process dies: every connection breaks. */
  reset(): void {
    for (const peer of this.#peers) peer.close(new Error('read ECONNRESET'))
  }

  readonly accept = (peer: Peer): PeerEvents => {
    const frames = new FrameReader()
    this.#peers.add(peer)
    /** Answers go out in the order of the requests; the next waits for the last one. */
    const line = new AnswerLine(peer, this.#timeline)
    return {
      onData: (chunk) => {
        if (!line.isOpen) return
        try {
          frames.push(chunk, (frame) => this.#onRequest(peer, line, Uint8Array.from(frame)))
        } catch {
          line.close()
        }
      },
      onClosed: () => {
        this.#peers.delete(peer)
        line.isOpen = false
      },
    }
  }

  #onRequest(peer: Peer, line: AnswerLine, frame: Uint8Array): void {
    if (!line.isOpen) return
    const header = decodeRequestHeader(frame)
    const request: BrokerRequest = {
      nodeId: this.broker.nodeId,
      connectionId: peer.connectionId,
      ordinal: ++this.#requests,
      api: apiForKey(header.apiKey),
      header,
      frame,
    }
    const fault = this.faultFor(request) ?? this.#versionFault(header)
    if (fault?.kind === 'close-before') line.close()
    else if (fault?.kind === 'answer') line.send({ kind: 'response', frame: fault.frame }, 0)
    else this.broker.handle(frame, (answer) => sendWith(line, answer, fault, header, this.versions))
  }

  /** An ApiVersions request that is too new for this broker, as KIP-511 wants it answered. */
  #versionFault({ apiKey, apiVersion, correlationId }: RequestHeader): Fault | undefined {
    const limits = this.versions[apiVersions.name]
    if (apiKey !== apiVersions.apiKey || limits === undefined || apiVersion <= limits[1]) return undefined
    const apiKeys = [{ apiKey, minVersion: limits[0], maxVersion: limits[1] }]
    const response = { errorCode: 35, apiKeys }
    return { kind: 'answer', frame: encodeResponseFrame(codecFor(apiVersions, 0), correlationId, response) }
  }
}

/** The answers of one connection. */
class AnswerLine {
  isOpen = true
  readonly #peer: Peer
  readonly #timeline: Timeline
  #freeAtMs = 0

  constructor(peer: Peer, timeline: Timeline) {
    this.#peer = peer
    this.#timeline = timeline
  }

  send(answer: Answer, delayMs: number): void {
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#timeline.nowMs + delayMs)
    this.#timeline.at(this.#freeAtMs, () => {
      if (!this.isOpen) return
      if (answer.kind === 'response') this.#peer.send(answer.frame)
      if (answer.kind === 'close') this.close()
    })
  }

  close(): void {
    this.isOpen = false
    this.#peer.close()
  }
}

function sendWith(
  line: AnswerLine,
  answer: Answer,
  fault: Fault | undefined,
  { apiKey, apiVersion }: RequestHeader,
  versions: VersionLimits,
): void {
  if (answer.kind !== 'response') line.send(answer, 0)
  else if (fault === undefined) {
    line.send(apiKey === apiVersions.apiKey ? limited(answer, apiVersion, versions) : answer, 0)
  } else if (fault.kind === 'close-after') line.close()
  else if (fault.kind === 'delay') line.send(answer, fault.delayMs)
  else if (fault.kind === 'alter') line.send({ kind: 'response', frame: fault.alter(answer.frame) }, 0)
  else line.send(answer, Infinity)
}

/** An ApiVersions answer that tells only what this broker is meant to speak. */
function limited(answer: Answer & { kind: 'response' }, version: number, versions: VersionLimits): Answer {
  const codec = codecFor(apiVersions, version)
  const { correlationId, response } = decodeResponseFrame(codec, answer.frame.subarray(SIZE_BYTES))
  if (response.errorCode !== 0) return answer
  const apiKeys = response.apiKeys.flatMap((range) => {
    const limits = versions[apiForKey(range.apiKey)?.name ?? '']
    if (limits === undefined) return [range]
    return limits[1] < limits[0] ? [] : [{ ...range, minVersion: limits[0], maxVersion: limits[1] }]
  })
  return { kind: 'response', frame: encodeResponseFrame(codec, correlationId, { ...response, apiKeys }) }
}

export function isFor(api: Api): (request: BrokerRequest) => boolean {
  return (request) => request.api === api
}

/** An answer that a broker would not give, or not now: a frame with its size. */
export function answerTo<A extends Api>(
  request: BrokerRequest,
  api: A,
  responseFor: (body: RequestOf<A>) => ResponseInput<A>,
): Fault {
  const { header, frame } = request
  const codec = codecFor(api, header.apiVersion)
  const response = responseFor(decodeRequest(codec, frame, header.bodyOffset))
  return { kind: 'answer', frame: encodeResponseFrame(codec, header.correlationId, response) }
}

/**
 * Every batch of a Produce request is refused with the same code, and none is appended.
 *
 * @param errorMessage the broker's own words, if it has any
 */
export function refuseProduce(request: BrokerRequest, errorCode: number, errorMessage: string | null = null): Fault {
  return answerTo(request, produce, ({ topicData }) => ({
    responses: topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1n, errorMessage })),
    })),
  }))
}

/** Every batch of a Produce request is appended, and answered with a code that does not say so. */
export function appendButAnswer(request: BrokerRequest, errorCode: number): Fault {
  const codec = codecFor(produce, request.header.apiVersion)
  return {
    kind: 'alter',
    alter: (frame) => {
      const { correlationId, response } = decodeResponseFrame(codec, frame.subarray(SIZE_BYTES))
      for (const topic of response.responses) {
        for (const partition of topic.partitionResponses) partition.errorCode = errorCode
      }
      return encodeResponseFrame(codec, correlationId, response)
    },
  }
}
