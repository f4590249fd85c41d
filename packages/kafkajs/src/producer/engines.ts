import type { Producer as Engine } from '@linger/producer'
import { ACKS_TIMEOUT_MS, type EnginePurpose } from '../engine/engine-config.ts'
import type { EngineSource } from '../engine/engine-source.ts'
import { Outbox } from './outbox.ts'
import { Sender, type SenderDeps } from './sender.ts'

/** How a call wants its messages sent. */
export interface SendMode {
  readonly acks: number
  /** KafkaJS's number of a compression. */
  readonly compression: number
  /** How long a leader may wait for its replicas, in milliseconds. */
  readonly timeout: number
}

/** Nobody has so many ways to send; who makes up a timeout for each call would have an engine for each. */
const ENGINES_MAX = 16

const MAIN: SendMode = { acks: -1, compression: 0, timeout: ACKS_TIMEOUT_MS }

/**
 * The engines of one producer. KafkaJS decides on acks, compression and timeout by the call, an engine by its
 * configuration: so there is one for each combination that is used, made when it is.
 */
export class Engines {
  readonly #source: EngineSource
  readonly #senderDeps: SenderDeps
  readonly #senders = new Map<string, Sender>()
  /** Those that are made just now. */
  readonly #making = new Map<string, Promise<Sender>>()
  #connecting: Promise<void> | undefined
  /** What was used last is mostly used next. */
  #last: { readonly mode: SendMode; readonly sender: Sender } | undefined

  constructor(source: EngineSource, deps: Pick<SenderDeps, 'partition' | 'asFailed'>) {
    this.#source = source
    // One outbox for all of them: messages that find no memory wait in the order of the calls.
    this.#senderDeps = { ...deps, outbox: new Outbox() }
  }

  /** What most messages are sent with; undefined until the producer is connected. */
  get main(): Engine | undefined {
    return this.#senders.get(keyOf(MAIN))?.engine
  }

  /** Finds the cluster, as often as KafkaJS would try. */
  async connect(): Promise<void> {
    if (this.main !== undefined) return
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    await this.#connecting
  }

  async #connect(): Promise<void> {
    const engine = await this.#source.connected({ ...MAIN, isTransactional: false })
    this.#senders.set(keyOf(MAIN), this.#newSender(engine, MAIN))
  }

  /** One that is there already. */
  knownSender(acks: number, compression: number, timeout: number): Sender | undefined {
    if (this.#making.size > 0 && this.#making.has(keyOf({ acks, compression, timeout }))) return undefined
    const last = this.#last
    const isSame = last?.mode.acks === acks && last.mode.compression === compression && last.mode.timeout === timeout
    return isSame ? last.sender : this.#lookUp({ acks, compression, timeout })
  }

  #lookUp(mode: SendMode): Sender | undefined {
    const sender = this.#senders.get(keyOf(mode))
    if (sender !== undefined) this.#last = { mode, sender }
    return sender
  }

  /** @returns rejects with KafkaJSNotImplemented for a compression that there is no codec for */
  newSenderFor(mode: SendMode): Promise<Sender> {
    const key = keyOf(mode)
    let making = this.#making.get(key)
    if (making === undefined) {
      making = this.#make(mode)
      this.#making.set(key, making)
      // Who waits for it goes first.
      const made = (): void => void setImmediate(() => this.#making.delete(key))
      making.then(made, made)
    }
    return making
  }

  async #make(mode: SendMode): Promise<Sender> {
    const purpose: EnginePurpose = { ...mode, isTransactional: false }
    const engine = await this.#source.made(purpose)
    const sender = this.#newSender(engine, mode)
    if (this.#senders.size >= ENGINES_MAX) this.#retireOldest()
    this.#senders.set(keyOf(mode), sender)
    return sender
  }

  /** It ends when what it has is sent. */
  #retireOldest(): void {
    const main = keyOf(MAIN)
    for (const [key, sender] of this.#senders) {
      if (key === main) continue
      this.#drop(key, sender)
      setImmediate(() => void sender.close()) // whoever was just given it sends first
      return
    }
  }

  /** An engine that has failed for good is not used again: the next send has another. */
  forget(sender: Sender): void {
    for (const [key, known] of this.#senders) if (known === sender) this.#drop(key, sender)
  }

  #drop(key: string, sender: Sender): void {
    this.#senders.delete(key)
    if (this.#last?.sender === sender) this.#last = undefined
  }

  /** One for transactions, which its caller closes. */
  async newTransactionalSender(compression: number): Promise<Sender> {
    return this.#newSender(await this.#source.made({ ...MAIN, compression, isTransactional: true }), MAIN)
  }

  #newSender(engine: Engine, { acks }: SendMode): Sender {
    return new Sender(engine, acks !== 0, this.#senderDeps)
  }

  /** Sends what was taken, and lets go of every socket and timer. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#connecting, ...this.#making.values()])
    const senders = [...this.#senders.values()]
    this.#senders.clear()
    this.#last = undefined
    this.#source.forgetBrokers()
    await Promise.all(senders.map((sender) => sender.close()))
  }
}

/** Only who waits for replicas has use for a timeout. */
function keyOf({ acks, compression, timeout }: SendMode): string {
  return acks === -1 ? `${acks} ${compression} ${timeout}` : `${acks} ${compression}`
}
