import {
  apiForKey,
  apiVersions,
  codecFor,
  decodeRequest,
  decodeResponseFrame,
  findCoordinator,
  initProducerId,
  metadata,
} from '@linger/protocol'
import type { ObservedConnection } from '../network/simulated-network.ts'
import type { ObservedRequest } from './answered-requests.ts'
import { PAUSE_MS_MAX } from './patience-oracle.ts'

/** What happens at one time is not done in one moment. */
const SLACK_MS = 60

/** A connection of a producer, as far as it can be judged from outside. */
interface Line {
  readonly connection: ObservedConnection
  readonly nodeId: number
  /** It has told its versions. */
  isReady: boolean
  /** Requests without an answer. */
  openCount: number
  lastUsedMs: number
}

/** The last question of one kind that a producer has asked one broker. */
interface Asked {
  readonly atMs: number
  /** Its connection ended without an answer. */
  isUnanswered: boolean
}

export interface QuestionOracleDeps {
  readonly nowMs: () => number
  readonly nodeIdOf: (connection: ObservedConnection) => number
  /** Its socket still holds a request. */
  readonly isWriting: (connection: ObservedConnection) => boolean
  /** By producer: a connection that was not used for so long is not used again. */
  readonly connectionsMaxIdleMs: readonly number[]
  readonly violate: (what: string) => void
}

/**
 * A broker that leaves a question without an answer keeps it from nobody: before it is asked the same again, every other
 * that can be asked has had its turn. Judges what any broker can answer: Metadata, InitProducerId and FindCoordinator.
 */
export class QuestionOracle {
  readonly #deps: QuestionOracleDeps
  readonly #lines = new Map<number, Line>()
  /** By connection, also of those that have ended: a producer may hear of that later, and write once more. */
  readonly #nodeIds = new Map<number, number>()
  /** By producer, kind of question and broker. */
  readonly #asked = new Map<string, Asked>()
  /** By producer and broker: until when it has asked for silence. */
  readonly #pausedUntilMs = new Map<string, number>()

  constructor(deps: QuestionOracleDeps) {
    this.#deps = deps
  }

  onRequest(connection: ObservedConnection, request: ObservedRequest): void {
    const line = this.#lineOf(connection)
    if (isQuestion(request) && line.nodeId >= 0) this.#onQuestion(line, request)
    line.openCount += 1
    line.lastUsedMs = this.#deps.nowMs()
  }

  onAnswer(connection: ObservedConnection, { apiKey, apiVersion }: ObservedRequest, frame: Uint8Array): void {
    const nowMs = this.#deps.nowMs()
    const line = this.#lineOf(connection)
    line.openCount -= 1
    line.lastUsedMs = nowMs
    const api = apiForKey(apiKey)
    if (api === undefined) return
    if (apiKey === apiVersions.apiKey) {
      line.isReady = versionsErrorIn(frame) === 0
      if (!line.isReady) return // it may be in another version than was asked for
    }
    const { response } = decodeResponseFrame(codecFor(api, apiVersion), frame)
    if (!('throttleTimeMs' in response)) return
    const pauseMs = Math.min(Number(response['throttleTimeMs']), PAUSE_MS_MAX)
    const place = `${connection.owner} ${line.nodeId}`
    const before = this.#pausedUntilMs.get(place) ?? 0
    if (pauseMs > 0) this.#pausedUntilMs.set(place, Math.max(before, nowMs + pauseMs))
  }

  /** @param unanswered requests that will never have an answer */
  onClosed({ id, owner }: ObservedConnection, unanswered: readonly ObservedRequest[]): void {
    const line = this.#lines.get(id)
    this.#lines.delete(id)
    for (const { apiKey, sentMs } of unanswered) {
      const asked = this.#asked.get(`${owner} ${apiKey} ${line?.nodeId}`)
      if (asked?.atMs === sentMs) asked.isUnanswered = true
    }
  }

  #onQuestion({ connection: { owner }, nodeId }: Line, { apiKey, sentMs }: ObservedRequest): void {
    const askedOf = (id: number): Asked | undefined => this.#asked.get(`${owner} ${apiKey} ${id}`)
    const asked = askedOf(nodeId)
    if (asked?.isUnanswered === true) {
      const other = this.#others(owner, nodeId).find((id) => (askedOf(id)?.atMs ?? -Infinity) < asked.atMs)
      const what = `${apiForKey(apiKey)?.name ?? apiKey} goes to broker ${nodeId}, which did not answer the last one`
      if (other !== undefined) this.#deps.violate(`producer ${owner}: ${what}, though broker ${other} could be asked`)
    }
    this.#asked.set(`${owner} ${apiKey} ${nodeId}`, { atMs: sentMs, isUnanswered: false })
  }

  /** Other brokers that surely can be asked now. */
  #others(owner: number, nodeId: number): number[] {
    const nowMs = this.#deps.nowMs()
    const { isWriting, connectionsMaxIdleMs } = this.#deps
    const idleAfterMs = (connectionsMaxIdleMs[owner] ?? Infinity) - SLACK_MS
    const isFree = ({ connection, isReady, openCount, lastUsedMs }: Line): boolean =>
      isReady && openCount === 0 && !isWriting(connection) && nowMs < lastUsedMs + idleAfterMs
    const isPaused = (line: Line): boolean =>
      nowMs < (this.#pausedUntilMs.get(`${owner} ${line.nodeId}`) ?? -Infinity) + SLACK_MS
    return [...this.#lines.values()]
      .filter((line) => line.connection.owner === owner && line.nodeId >= 0 && line.nodeId !== nodeId)
      .filter((line) => isFree(line) && !isPaused(line))
      .map((line) => line.nodeId)
  }

  #lineOf(connection: ObservedConnection): Line {
    let line = this.#lines.get(connection.id)
    if (line === undefined) {
      const nodeId = this.#nodeIds.get(connection.id) ?? this.#deps.nodeIdOf(connection)
      this.#nodeIds.set(connection.id, nodeId)
      line = { connection, nodeId, isReady: false, openCount: 0, lastUsedMs: this.#deps.nowMs() }
      this.#lines.set(connection.id, line)
    }
    return line
  }
}

/** It stands first in every version of the answer to ApiVersions. */
function versionsErrorIn(frame: Uint8Array): number {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).readInt16BE(4)
}

/** Any broker can answer it. */
function isQuestion({ apiKey, apiVersion, frame, bodyOffset }: ObservedRequest): boolean {
  if (apiKey === metadata.apiKey || apiKey === findCoordinator.apiKey) return true
  if (apiKey !== initProducerId.apiKey) return false
  const codec = codecFor<typeof initProducerId>(initProducerId, apiVersion)
  return decodeRequest(codec, frame, bodyOffset).transactionalId === null
}
