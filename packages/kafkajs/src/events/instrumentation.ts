import { EventEmitter } from 'node:events'
import { KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import type { Logger } from '../logger/logger.ts'
import type { InstrumentationEvent } from './producer-events.ts'

let nextId = 0

/** Tells listeners what happens in a client. An event is made only where somebody listens. */
export class Instrumentation {
  readonly #emitter = new EventEmitter()
  readonly #events: Readonly<Record<string, string>>
  readonly #prefix: string
  readonly #logger: Logger

  /** @param prefix how users name the list of events, for the error */
  constructor(events: Readonly<Record<string, string>>, prefix: string, logger: Logger) {
    this.#events = events
    this.#prefix = prefix
    this.#logger = logger
    this.#emitter.setMaxListeners(0)
  }

  /**
   * @returns what takes the listener away
   * @throws KafkaJSNonRetriableError for a name that is not in the list
   */
  on(eventName: string, listener: (event: InstrumentationEvent<never>) => unknown): () => void {
    if (!Object.values(this.#events).includes(eventName)) {
      const names = Object.keys(this.#events).map((key) => `${this.#prefix}.${key}`)
      throw new KafkaJSNonRetriableError(`Event name should be one of ${names.join(', ')}`)
    }
    const tell = (event: InstrumentationEvent<never>): void => {
      void this.#tell(listener, event)
    }
    this.#emitter.on(eventName, tell)
    return () => void this.#emitter.off(eventName, tell)
  }

  hasListener(eventName: string): boolean {
    return this.#emitter.listenerCount(eventName) > 0
  }

  emit(type: string, payload?: object): void {
    if (!this.hasListener(type)) return
    this.#emitter.emit(type, { id: nextId++, type, timestamp: Date.now(), payload })
  }

  /** What a listener does wrong disturbs nobody. */
  async #tell(
    listener: (event: InstrumentationEvent<never>) => unknown,
    event: InstrumentationEvent<never>,
  ): Promise<void> {
    try {
      await listener(event)
    } catch (thrown) {
      const { message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown))
      this.#logger.error(`Failed to execute listener: ${message}`, { eventName: event.type, stack })
    }
  }
}
