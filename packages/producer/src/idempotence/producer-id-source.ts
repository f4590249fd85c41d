import { errorFor, initProducerId, type BatchSeal } from '@linger/protocol'
import { backoffMs } from '../backoff.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { bumped, type ProducerIdentity } from './producer-identity.ts'
import type { ProducerIds } from './producer-ids.ts'

export interface ProducerIdSourceDeps {
  readonly cluster: Cluster
  /** Something was or will be sent. Before, no broker is looked for. */
  readonly isWanted: () => boolean
  readonly clock: Clock
  readonly random: Random
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  /** There will never be an id. */
  readonly onFatal: (error: KafkaError) => void
}

type State =
  | { readonly name: 'UNINITIALIZED'; readonly attempts: number; readonly retryAtMs: number }
  | { readonly name: 'INITIALIZING'; readonly attempts: number }
  | { readonly name: 'READY'; readonly identity: ProducerIdentity }
  | { readonly name: 'FATAL_ERROR' }

const NO_IDENTITY: State = { name: 'UNINITIALIZED', attempts: 0, retryAtMs: 0 }

const NO_TRANSACTION_TIMEOUT_MS = 2 ** 31 - 1

/** Gets the producer id from whichever broker answers, and counts its epoch. */
export class ProducerIdSource implements ProducerIds {
  readonly isTransactional = false
  readonly #deps: ProducerIdSourceDeps
  #state: State = NO_IDENTITY

  constructor(deps: ProducerIdSourceDeps) {
    this.#deps = deps
  }

  get identity(): ProducerIdentity | undefined {
    return this.#state.name === 'READY' ? this.#state.identity : undefined
  }

  get deadlineMs(): number {
    return this.#state.name === 'UNINITIALIZED' ? this.#state.retryAtMs : Infinity
  }

  /**
   * One step serves all batches that had the same stamp. Partitions without a batch of it follow with their next one
   * (KAFKA-12152).
   */
  retire({ producerId, producerEpoch }: Pick<BatchSeal, 'producerId' | 'producerEpoch'>, step: 'bump' | 'reset'): void {
    if (this.#state.name !== 'READY' || this.#state.identity.producerId !== producerId) return
    if (step === 'bump' && this.#state.identity.epoch !== producerEpoch) return
    const next = step === 'bump' ? bumped(this.#state.identity) : undefined
    this.#state = next === undefined ? NO_IDENTITY : { name: 'READY', identity: next }
  }

  /** Asks for an id if there is none and a broker can be asked. */
  run(nowMs: number): void {
    if (this.#state.name !== 'UNINITIALIZED' || nowMs < this.#state.retryAtMs || !this.#deps.isWanted()) return
    const connection = this.#deps.cluster.anyConnection(initProducerId, nowMs)
    if (connection === undefined) return
    const attempts = this.#state.attempts + 1
    this.#state = { name: 'INITIALIZING', attempts }
    const request = { transactionalId: null, transactionTimeoutMs: NO_TRANSACTION_TIMEOUT_MS }
    connection.request(initProducerId, request, (error, response) => {
      if (response === undefined) this.#onError(error, attempts)
      else if (response.errorCode === 0)
        this.#state = { name: 'READY', identity: { producerId: response.producerId, epoch: response.producerEpoch } }
      else this.#onErrorCode(response.errorCode, attempts)
    })
  }

  #onErrorCode(errorCode: number, attempts: number): void {
    const { name, retriable, meaning } = errorFor(errorCode)
    const message = `InitProducerId was refused: ${meaning}`
    this.#onError(new KafkaError(name, message, { outcome: 'never', retriable }), attempts)
  }

  #onError(error: Error | undefined, attempts: number): void {
    if (error instanceof KafkaError && !error.retriable && error.code !== 'NOT_KAFKA') {
      this.#state = { name: 'FATAL_ERROR' }
      this.#deps.onFatal(
        new KafkaError(error.code, `no producer id: ${error.message}. An idempotent producer cannot send without one`, {
          outcome: 'never',
          fatal: true,
          cause: error,
        }),
      )
      return
    }
    const { clock, random, retryBackoffMs, retryBackoffMaxMs } = this.#deps
    const waitMs = backoffMs(attempts, retryBackoffMs, retryBackoffMaxMs, random)
    this.#state = { name: 'UNINITIALIZED', attempts, retryAtMs: clock.now() + waitMs }
  }
}
