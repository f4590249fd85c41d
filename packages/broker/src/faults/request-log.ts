import { type Api, codecFor, decodeRequest, type RequestOf, type ResponseOf } from '@linger/protocol'
import type { Answer } from '../apis/api-handler.ts'
import type { Fault, ReceivedRequest } from './fault.ts'
import { responseIn } from './response-in.ts'

export interface RequestLogLimits {
  /** Older requests are forgotten. 0: nothing is remembered. */
  readonly count: number
  /** Of requests and answers together: older ones are remembered without theirs. */
  readonly bytes: number
}

/** Off by default: a copy of every request costs what appending it costs. */
const limitsDefault: RequestLogLimits = { count: 0, bytes: 1024 * 1024 }

/** What was asked, and what came of it. */
export interface LoggedRequest extends Omit<ReceivedRequest, 'frame' | 'topicPartitions'> {
  readonly atMs: number
  readonly sizeBytes: number
  /** What was made to go wrong. */
  readonly faults: readonly Fault[]
  /** Without its size. Undefined where it was too old or too large to be kept. */
  readonly frame: Uint8Array | undefined
  /** Undefined while it is not answered. */
  readonly answeredAtMs: number | undefined
  readonly answerKind: Answer['kind'] | undefined
  /** With its size. Undefined where there is none, or none was kept. */
  readonly answerFrame: Uint8Array | undefined
}

type Entry = { -readonly [Name in keyof LoggedRequest]: LoggedRequest[Name] }

/** A logged request of a known API, decoded. */
export interface LoggedExchange<A extends Api> extends LoggedRequest {
  readonly request: RequestOf<A>
  readonly response: ResponseOf<A> | undefined
}

/** The last requests to the brokers of a cluster, in the order in which they came. */
export class RequestLog {
  readonly limits: RequestLogLimits
  readonly #entries: Entry[] = []
  #bytes = 0
  /** Entries before it are without their frames. */
  #framesFrom = 0

  constructor(limits: Partial<RequestLogLimits>) {
    this.limits = { ...limitsDefault, ...limits }
  }

  get isOn(): boolean {
    return this.limits.count > 0
  }

  get entries(): readonly LoggedRequest[] {
    return this.#entries
  }

  /** Those of one API whose bytes are still there, decoded. */
  of<A extends Api>(api: A): LoggedExchange<A>[] {
    return this.#entries.flatMap((entry) => {
      if (entry.apiKey !== api.apiKey || entry.frame === undefined) return []
      const codec = codecFor(api, entry.apiVersion)
      const request = decodeRequest(codec, entry.frame, entry.bodyOffset)
      const response = entry.answerFrame && responseIn(codec, entry.answerFrame)
      return [{ ...entry, request, response }]
    })
  }

  clear(): void {
    this.#entries.length = 0
    this.#bytes = 0
    this.#framesFrom = 0
  }

  /** Remembers a request. Answers what is to be told of its answer. */
  onRequest(received: ReceivedRequest, atMs: number, faults: readonly Fault[]): (answer: Answer, atMs: number) => void {
    const { frame, topicPartitions: _, ...rest } = received
    const entry: Entry = {
      ...rest,
      atMs,
      sizeBytes: frame.length,
      faults,
      frame: Uint8Array.from(frame),
      answeredAtMs: undefined,
      answerKind: undefined,
      answerFrame: undefined,
    }
    this.#entries.push(entry)
    this.#bytes += frame.length
    this.#forgetOldest()
    return (answer, answeredAtMs) => {
      entry.answerKind = answer.kind
      entry.answeredAtMs = answeredAtMs
      if (entry.frame === undefined || answer.kind !== 'response') return
      entry.answerFrame = answer.frame
      this.#bytes += answer.frame.length
      this.#forgetOldest()
    }
  }

  #forgetOldest(): void {
    const { count, bytes } = this.limits
    while (this.#entries.length > count) {
      this.#dropFrames(this.#entries[0])
      this.#entries.shift()
      this.#framesFrom = Math.max(0, this.#framesFrom - 1)
    }
    while (this.#bytes > bytes && this.#framesFrom < this.#entries.length) {
      this.#dropFrames(this.#entries[this.#framesFrom++])
    }
  }

  #dropFrames(entry: Entry | undefined): void {
    if (entry?.frame === undefined) return
    this.#bytes -= entry.frame.length + (entry.answerFrame?.length ?? 0)
    entry.frame = undefined
    entry.answerFrame = undefined
  }
}
