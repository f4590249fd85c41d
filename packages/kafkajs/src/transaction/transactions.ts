import assert from 'node:assert'
import { KafkaError, type Transaction as EngineTransaction } from '@linger/producer'
import { KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import type { RecordMetadata, TopicMessages } from '../producer/message.ts'
import type { Sender } from '../producer/sender.ts'
import type { Offsets } from './offsets.ts'

/** An engine with a transaction of it. Its compression is that of the transaction's first send. */
interface Begun {
  readonly sender: Sender
  readonly compression: number
  readonly transaction: EngineTransaction
}

type State =
  | { readonly name: 'READY' }
  | { readonly name: 'INITIALIZING'; readonly begun: Promise<Begun> }
  /** Nothing has been sent in it: it may still be given another engine. */
  | { readonly name: 'EMPTY'; readonly id: symbol; readonly begun: Promise<Begun> }
  | { readonly name: 'TRANSACTING'; readonly id: symbol; readonly begun: Promise<Begun> }
  | { readonly name: 'ENDING'; readonly id: symbol; readonly begun: Promise<Begun> }

type Open = Extract<State, { readonly id: symbol }>

export interface TransactionsDeps {
  readonly newSender: (compression: number) => Promise<Sender>
}

/** The transactions of one producer, one after the other. */
export class Transactions {
  readonly #deps: TransactionsDeps
  #state: State = { name: 'READY' }
  /** Initialized, and between transactions or in one. */
  #engine: { readonly sender: Sender; readonly compression: number } | undefined

  constructor(deps: TransactionsDeps) {
    this.#deps = deps
  }

  /** @returns what the transaction is known by */
  async begin(): Promise<symbol> {
    if (this.#state.name === 'EMPTY' || this.#state.name === 'TRANSACTING') throw alreadyOngoing()
    if (this.#state.name !== 'READY') throw wrongState('beginTransaction', this.#state.name)
    const begun = this.#begun(this.#engine?.compression ?? 0)
    this.#state = { name: 'INITIALIZING', begun }
    try {
      await begun
      const id = Symbol('transaction')
      this.#state = { name: 'EMPTY', id, begun }
      return id
    } catch (error) {
      this.#state = { name: 'READY' }
      throw error
    }
  }

  /** @throws KafkaJSNonRetriableError */
  assertActive(id: symbol): void {
    this.#openOf(id)
  }

  isActive(id: symbol): boolean {
    const { name } = this.#state
    return (name === 'EMPTY' || name === 'TRANSACTING') && this.#state.id === id
  }

  async send(id: symbol, topics: readonly TopicMessages[], compression: number): Promise<RecordMetadata[]> {
    const { sender, transaction } = await this.#forSending(id, compression)
    return sender.send(topics, transaction)
  }

  async sendOffsets(id: symbol, given: Offsets & { consumerGroupId: string }): Promise<void> {
    const open = this.#openOf(id)
    const { consumerGroupId, topics } = given
    assert(consumerGroupId, 'Missing consumerGroupId')
    assert(topics, 'Missing offset topics')
    const offsets = topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, ...partition })))
    const { transaction } = await this.#forSending(id, (await open.begun).compression)
    await transaction.sendOffsets(offsets, { groupId: consumerGroupId })
  }

  /** A commit that failed leaves the transaction open, so that it can be aborted. */
  async end(id: symbol, how: 'commit' | 'abort'): Promise<void> {
    const open = this.#openOf(id)
    this.#state = { ...open, name: 'ENDING' }
    try {
      const { transaction } = await open.begun
      await transaction[how]()
      this.#state = { name: 'READY' }
    } catch (error) {
      this.#state = mayBeEndedAgain(error) ? open : { name: 'READY' }
      throw error
    }
  }

  async close(): Promise<void> {
    // What makes an engine just now would leave it behind.
    if ('begun' in this.#state) await Promise.allSettled([this.#state.begun])
    const engine = this.#engine
    this.#engine = undefined
    this.#state = { name: 'READY' }
    await engine?.sender.close()
  }

  #openOf(id: symbol): Open {
    const state = this.#state
    if ((state.name === 'EMPTY' || state.name === 'TRANSACTING') && state.id === id) return state
    throw new KafkaJSNonRetriableError('Cannot continue to use transaction once ended')
  }

  /** The first send decides on the compression: until then no broker knows of the transaction. */
  #forSending(id: symbol, compression: number): Promise<Begun> {
    const open = this.#openOf(id)
    if (open.name !== 'EMPTY') return open.begun
    const begun = open.begun.then((now) => (now.compression === compression ? now : this.#begunAnew(compression)))
    this.#state = { name: 'TRANSACTING', id, begun }
    return begun
  }

  async #begunAnew(compression: number): Promise<Begun> {
    const engine = this.#engine
    this.#engine = undefined
    await engine?.sender.close()
    return this.#begun(compression)
  }

  async #begun(compression: number): Promise<Begun> {
    this.#engine ??= await this.#initialized(compression)
    const { sender } = this.#engine
    return { sender, compression: this.#engine.compression, transaction: sender.engine.beginTransaction() }
  }

  async #initialized(compression: number): Promise<{ readonly sender: Sender; readonly compression: number }> {
    const sender = await this.#deps.newSender(compression)
    try {
      await sender.engine.initTransactions()
    } catch (error) {
      await sender.engine.close({ timeoutMs: 0 })
      throw error
    }
    return { sender, compression }
  }
}

/** A commit without an answer may be asked again; one of a transaction in which something failed may be turned into an abort. */
function mayBeEndedAgain(error: unknown): boolean {
  if (!(error instanceof KafkaError) || error.fatal) return false
  return error.requiresAbort || error.code === 'TRANSACTION_TIMEOUT'
}

function alreadyOngoing(): KafkaJSNonRetriableError {
  return new KafkaJSNonRetriableError(
    'There is already an ongoing transaction for this producer. Please end the transaction before beginning another.',
  )
}

function wrongState(method: string, state: string): KafkaJSNonRetriableError {
  return new KafkaJSNonRetriableError(`Transaction state exception: Cannot call "${method}" in state "${state}"`)
}
