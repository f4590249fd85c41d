import { apiForKey, apiVersions, codecFor, decodeResponseFrame } from '@linger/protocol'
import type { ObservedConnection } from '../network/simulated-network.ts'
import type { ObservedRequest } from './answered-requests.ts'

/** A pause is no longer than this, whatever a broker asks for. */
export const PAUSE_MS_MAX = 60_000
/** What happens at one time is not done in one moment. */
const SLACK_MS = 60

export interface PatienceOracleDeps {
  readonly nowMs: () => number
  /** Time since then in which the producer's process was not frozen. */
  readonly awakeMs: (owner: number, sinceMs: number) => number
  /** By producer. */
  readonly requestTimeoutsMs: readonly number[]
  readonly violate: (what: string) => void
}

/**
 * A connection whose answer is late is given up: whatever part of the answer has come, and whatever came meanwhile. A
 * broker that asks for a pause gets it, and as much more time to answer.
 */
export class PatienceOracle {
  readonly #deps: PatienceOracleDeps
  /** By connection: until when the broker has asked for silence. */
  readonly #pausedUntilMs = new Map<number, number>()

  constructor(deps: PatienceOracleDeps) {
    this.#deps = deps
  }

  onRequest({ id, owner }: ObservedConnection, { apiKey }: ObservedRequest): void {
    const leftMs = (this.#pausedUntilMs.get(id) ?? 0) - this.#deps.nowMs()
    if (leftMs <= SLACK_MS) return
    const name = apiForKey(apiKey)?.name ?? apiKey
    this.#deps.violate(`producer ${owner}: ${name} ${Math.round(leftMs)} ms before the end of a pause`)
  }

  onAnswer(
    { id, owner }: ObservedConnection,
    { apiKey, apiVersion, sentMs }: ObservedRequest,
    frame: Uint8Array,
  ): void {
    const { nowMs, awakeMs, requestTimeoutsMs, violate } = this.#deps
    const api = apiForKey(apiKey)
    if (api === undefined || apiKey === apiVersions.apiKey) return // what is asked first has its own time
    const limitMs = requestTimeoutsMs[owner] ?? Infinity
    const pausedUntilMs = this.#pausedUntilMs.get(id) ?? 0
    const lateMs = Math.min(awakeMs(owner, sentMs), awakeMs(owner, pausedUntilMs)) - limitMs
    if (lateMs > SLACK_MS) violate(`producer ${owner}: an answer to ${api.name} is taken ${Math.round(lateMs)} ms late`)

    const { response } = decodeResponseFrame(codecFor(api, apiVersion), frame)
    if (!('throttleTimeMs' in response)) return
    const pauseMs = Math.min(Number(response['throttleTimeMs']), PAUSE_MS_MAX)
    if (pauseMs > 0) this.#pausedUntilMs.set(id, Math.max(pausedUntilMs, nowMs() + pauseMs))
  }
}
