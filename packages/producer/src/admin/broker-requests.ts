import type { Api, RequestInput, ResponseOf } from '@linger/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import { altered, invalidArgument, KafkaError } from '../errors.ts'
import { timedOut } from '../network/connection-errors.ts'
import type { Connection } from '../network/connection.ts'

/** Whom something is asked: any broker, or one by its node id. */
export type Addressee = 'any' | number

export interface AskOptions {
  /** Default: at once. */
  readonly notBeforeMs?: number
  /** When to give up, sent or not. */
  readonly deadlineMs: number
}

interface WaitingRequest {
  readonly to: Addressee
  readonly api: Api
  readonly notBeforeMs: number
  readonly deadlineMs: number
  readonly send: (connection: Connection) => void
  readonly fail: (error: KafkaError) => void
}

/** Its answer is awaited until its deadline. Afterwards it may still come, and is passed over. */
interface SentRequest {
  readonly deadlineMs: number
  readonly onLate: () => void
}

export interface BrokerRequestsDeps {
  readonly cluster: Cluster
  readonly wake: () => void
}

/**
 * Requests that have nothing to do with the producer's records. Each waits for a connection and is sent once: whoever asks
 * knows whether asking again does harm.
 */
export class BrokerRequests {
  readonly #deps: BrokerRequestsDeps
  readonly #waiting = new Set<WaitingRequest>()
  readonly #sent = new Set<SentRequest>()
  /** Why nobody can be asked any more. */
  #end: KafkaError | undefined

  constructor(deps: BrokerRequestsDeps) {
    this.#deps = deps
  }

  /** Somebody would use a connection, now or soon. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0
  }

  /** When `run` or `expire` has something to do that no event announces. */
  deadlineMs(nowMs: number): number {
    let deadlineMs = Infinity
    for (const sent of this.#sent) deadlineMs = Math.min(deadlineMs, sent.deadlineMs)
    for (const request of this.#waiting) {
      deadlineMs = Math.min(deadlineMs, request.notBeforeMs > nowMs ? request.notBeforeMs : request.deadlineMs)
    }
    return deadlineMs
  }

  /**
   * @param messageFor the request in the version that the broker is asked in, made when it is sent
   * @returns rejects with outcome 'never' if the request was not sent; else with what ended its connection, or with
   *   REQUEST_TIMED_OUT and outcome 'unknown' at its deadline, while the connection goes on
   */
  ask<A extends Api>(
    to: Addressee,
    api: A,
    messageFor: (version: number) => RequestInput<A>,
    { notBeforeMs = 0, deadlineMs }: AskOptions,
  ): Promise<ResponseOf<A>> {
    if (this.#end !== undefined) return Promise.reject(this.#end)
    return new Promise((resolve, reject) => {
      const send = (connection: Connection): void => {
        const onLate = (): void => reject(timedOut(connection.address, `no answer to ${api.name} in time`))
        const sent = { deadlineMs, onLate }
        this.#sent.add(sent)
        try {
          connection.request(api, messageFor(connection.versionOf(api) ?? 0), (error, response) => {
            this.#sent.delete(sent)
            if (response === undefined) reject(error ?? new Error('no answer'))
            else resolve(response)
          })
        } catch (error) {
          this.#sent.delete(sent)
          reject(cannotBeSaid(api, error))
        }
      }
      this.#waiting.add({ to, api, notBeforeMs, deadlineMs, send, fail: reject })
      this.#deps.wake()
    })
  }

  /** Sends what waits, as far as connections take it. What is late by now is left to `expire`. */
  run(nowMs: number): void {
    for (const request of this.#waiting) {
      if (nowMs < request.notBeforeMs || nowMs >= request.deadlineMs) continue
      const connection = this.#connectionTo(request, nowMs)
      if (connection === undefined) continue
      this.#waiting.delete(request)
      if (connection instanceof KafkaError) request.fail(altered(connection, { outcome: 'never' }))
      else request.send(connection)
    }
  }

  /** Ends what took too long. Only when the clock rings, once all answers that had arrived by then were read. */
  expire(nowMs: number): void {
    for (const request of this.#waiting) {
      if (nowMs < request.deadlineMs) continue
      this.#waiting.delete(request)
      request.fail(this.#outOfTime())
    }
    for (const sent of this.#sent) {
      if (nowMs < sent.deadlineMs) continue
      this.#sent.delete(sent)
      sent.onLate()
    }
  }

  /** Nobody will ever be asked. */
  failAll(error: KafkaError): void {
    this.#end = error
    for (const request of this.#waiting) request.fail(error)
    this.#waiting.clear()
  }

  /** An error where waiting for this broker does not help, whatever befell those who have asked it before. */
  #connectionTo({ to, api }: WaitingRequest, nowMs: number): Connection | KafkaError | undefined {
    const { cluster } = this.#deps
    if (to === 'any') return cluster.anyConnection(api, nowMs) ?? cluster.untrusted
    const node = cluster.broker(to)
    if (node === undefined) return outOfReach(`there is no broker ${to}`)
    if (node.isBackingOff) return node.lastError ?? outOfReach(`broker ${to} cannot be reached`)
    node.connect(nowMs)
    return node.canSend(nowMs) ? node.connection : undefined
  }

  #outOfTime(): KafkaError {
    const cause = [...this.#deps.cluster.bootstrap].find(({ lastError }) => lastError !== undefined)?.lastError
    return outOfReach(`no broker could be asked in time${cause === undefined ? '' : `: ${cause.message}`}`, cause)
  }
}

/** A name that is too long, a number that is too large: more than the protocol has room for. */
function cannotBeSaid({ name }: Api, cause: unknown): KafkaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return invalidArgument(`${name} cannot be asked for: ${reason}`, cause)
}

function outOfReach(message: string, cause?: KafkaError): KafkaError {
  return new KafkaError('CONNECTION_FAILED', message, { outcome: 'never', retriable: true, cause })
}
