import type { Producer as Engine } from '@linger/producer'
import type { KafkaConfig, ProducerConfig } from '../config/kafka-config.ts'
import { ACKS_TIMEOUT_MS, producerSchedule } from '../engine/engine-config.ts'
import { EngineSource } from '../engine/engine-source.ts'
import { errorFromEngine } from '../errors/error-from-engine.ts'
import { refusalNamed } from '../errors/broker-refusals.ts'
import { KafkaJSError, KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import { KafkaJSProtocolError } from '../errors/protocol-errors.ts'
import { Instrumentation } from '../events/instrumentation.ts'
import {
  producerEvents,
  type ConnectEvent,
  type DisconnectEvent,
  type InstrumentationEvent,
  type ProducerEvents,
  type RemoveInstrumentationEventListener,
  type RequestEvent,
  type RequestQueueSizeEvent,
  type RequestTimeoutEvent,
} from '../events/producer-events.ts'
import type { Logger } from '../logger/logger.ts'
import { Partitioners } from '../partition/partitioners.ts'
import type { Transaction } from '../transaction/transaction.ts'
import { Transactions } from '../transaction/transactions.ts'
import { checkBatch, mergedByTopic } from './check-batch.ts'
import { Engines, type SendMode } from './engines.ts'
import type { ProducerBatch, ProducerRecord, RecordMetadata, TopicMessages } from './message.ts'

/** What is listened to, and what listeners are told. */
export interface ProducerOn {
  (
    eventName: ProducerEvents['CONNECT'],
    listener: (event: ConnectEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: ProducerEvents['DISCONNECT'],
    listener: (event: DisconnectEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: ProducerEvents['REQUEST'],
    listener: (event: RequestEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: ProducerEvents['REQUEST_QUEUE_SIZE'],
    listener: (event: RequestQueueSizeEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: ProducerEvents['REQUEST_TIMEOUT'],
    listener: (event: RequestTimeoutEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: ProducerEvents[keyof ProducerEvents],
    listener: (event: InstrumentationEvent<never>) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
}

/** KafkaJS's producer. Its functions may be taken off it, as there. */
export type Producer = {
  send: (record: ProducerRecord) => Promise<RecordMetadata[]>
  sendBatch: (batch: ProducerBatch) => Promise<RecordMetadata[]>
  connect: () => Promise<void>
  disconnect: () => Promise<void>
  isIdempotent: () => boolean
  readonly events: ProducerEvents
  on: ProducerOn
  transaction: () => Promise<Transaction>
  logger: () => Logger
  /** The engine that sends with acks -1 and without compression; undefined while the producer is not connected. */
  readonly linger: Engine | undefined
}

const ACKS: ReadonlySet<number> = new Set([-1, 0, 1])

type Answer = Promise<RecordMetadata[]>

type Status = 'DISCONNECTED' | 'CONNECTED' | 'DISCONNECTING'

export function createProducer(kafka: KafkaConfig, config: ProducerConfig, rootLogger: Logger): Producer {
  const logger = rootLogger.namespace('Producer')
  checkConfig(kafka, config, logger)
  const producer = new KafkaJsProducer(kafka, config, rootLogger, logger)
  return {
    connect: () => producer.connect(),
    disconnect: () => producer.disconnect(),
    // As asynchronous functions reject, without the price of them: a call that is wrong throws at once.
    send: (record) => {
      try {
        return producer.send(record)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    sendBatch: (batch) => {
      try {
        return producer.sendBatch(batch)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    transaction: () => producer.transaction(),
    isIdempotent: () => config.idempotent ?? false,
    events: producerEvents,
    on: ((eventName, listener) => producer.instrumentation.on(eventName, listener)) as ProducerOn,
    logger: () => logger,
    get linger() {
      return producer.engine
    },
  }
}

function checkConfig(kafka: KafkaConfig, { idempotent, retry }: ProducerConfig, logger: Logger): void {
  const { retries } = { ...kafka.retry, ...retry }
  if (idempotent !== true || retries === undefined) return
  if (retries < 1) {
    throw new KafkaJSNonRetriableError('Idempotent producer must allow retries to protect against transient errors')
  }
  if (retries < Number.MAX_SAFE_INTEGER) {
    logger.warn('Limiting retries for the idempotent producer may invalidate EoS guarantees')
  }
}

class KafkaJsProducer {
  readonly instrumentation: Instrumentation
  readonly #kafka: KafkaConfig
  readonly #config: ProducerConfig
  readonly #engines: Engines
  readonly #transactions: Transactions
  readonly #logger: Logger
  #status: Status = 'DISCONNECTED'

  constructor(kafka: KafkaConfig, config: ProducerConfig, rootLogger: Logger, logger: Logger) {
    this.#kafka = kafka
    this.#config = config
    this.#logger = logger
    this.instrumentation = new Instrumentation(producerEvents, 'producer.events', logger)
    const { createPartitioner = Partitioners.DefaultPartitioner } = config
    const source = new EngineSource({
      kafka,
      producer: config,
      logger: rootLogger,
      instrumentation: this.instrumentation,
      events: producerEvents,
    })
    this.#engines = new Engines(source, {
      partition: createPartitioner(),
      asFailed: (error, sender) => {
        if (isFatal(error)) this.#engines.forget(sender)
        return this.#asKafkaJs(error)
      },
    })
    this.#transactions = new Transactions({
      newSender: (compression) => this.#engines.newTransactionalSender(compression),
    })
  }

  get engine(): Engine | undefined {
    return this.#engines.main
  }

  async connect(): Promise<void> {
    await this.#engines.connect()
    this.#status = 'CONNECTED'
    this.instrumentation.emit(producerEvents.CONNECT)
  }

  async disconnect(): Promise<void> {
    this.#status = 'DISCONNECTING'
    await Promise.all([this.#transactions.close(), this.#engines.close()])
    this.#status = 'DISCONNECTED'
    this.instrumentation.emit(producerEvents.DISCONNECT)
  }

  /** @throws what is wrong with the call */
  send({ acks = -1, timeout = ACKS_TIMEOUT_MS, compression = 0, topic, messages }: ProducerRecord): Answer {
    return this.#send(acks, compression, timeout, [{ topic, messages }])
  }

  /** @throws what is wrong with the call */
  sendBatch({ acks = -1, timeout = ACKS_TIMEOUT_MS, compression = 0, topicMessages = [] }: ProducerBatch): Answer {
    return this.#send(acks, compression, timeout, topicMessages)
  }

  #send(acks: number, compression: number, timeout: number, topicMessages: readonly TopicMessages[]): Answer {
    checkBatch(acks, topicMessages, this.#config.idempotent === true)
    this.#assertConnected()
    const sender = this.#engines.knownSender(acks, compression, timeout)
    if (sender === undefined) return this.#sendInNewWay({ acks, compression, timeout }, topicMessages)
    return sender.send(mergedByTopic(topicMessages))
  }

  async #sendInNewWay(mode: SendMode, topicMessages: readonly TopicMessages[]): Answer {
    if (!ACKS.has(mode.acks)) return this.#refuse(mode, topicMessages)
    const sender = await this.#told(() => this.#engines.newSenderFor(mode))
    return sender.send(mergedByTopic(topicMessages))
  }

  /** Acks that no broker takes: it says so where there is something to take. */
  async #refuse(mode: SendMode, topicMessages: readonly TopicMessages[]): Answer {
    if (topicMessages.some(({ messages }) => messages.length > 0)) throw invalidAcks()
    return this.#send(-1, mode.compression, mode.timeout, topicMessages)
  }

  async transaction(): Promise<Transaction> {
    if (!this.#config.transactionalId) {
      throw new KafkaJSNonRetriableError('Must provide transactional id for transactional producer')
    }
    const transactions = this.#transactions
    const id = await this.#told(() => transactions.begin())
    // That the transaction has ended is said before anybody looks at what is sent, as KafkaJS has it.
    const sendBatch: Transaction['sendBatch'] = async (batch) => {
      transactions.assertActive(id)
      const { acks = -1, compression = 0, topicMessages = [] } = batch
      checkBatch(acks, topicMessages, true)
      this.#assertConnected()
      return this.#told(() => transactions.send(id, mergedByTopic(topicMessages), compression))
    }
    return {
      sendBatch,
      send: async (record) => {
        transactions.assertActive(id)
        const { topic, messages, ...options } = record
        return sendBatch({ ...options, topicMessages: [{ topic, messages }] })
      },
      sendOffsets: async (offsets) => this.#told(() => transactions.sendOffsets(id, offsets)),
      commit: async () => this.#told(() => transactions.end(id, 'commit')),
      abort: async () => this.#told(() => transactions.end(id, 'abort')),
      isActive: () => transactions.isActive(id),
    }
  }

  #assertConnected(): void {
    switch (this.#status) {
      case 'CONNECTED':
        return
      case 'DISCONNECTING':
        throw new KafkaJSNonRetriableError(
          "The producer is disconnecting; therefore, it can't safely accept messages anymore",
        )
      case 'DISCONNECTED':
        throw new KafkaJSError('The producer is disconnected')
    }
  }

  /** Runs what the engine may refuse. */
  async #told<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      return await run()
    } catch (thrown) {
      throw this.#asKafkaJs(thrown)
    }
  }

  /** What the engine says, in KafkaJS's words. */
  #asKafkaJs(thrown: unknown): Error {
    const error = errorFromEngine(thrown, producerSchedule(this.#kafka, this.#config))
    if (error !== thrown) this.#logger.error(error.message)
    return error
  }
}

/** What a broker answers, once there is something to send. */
function invalidAcks(): KafkaJSProtocolError {
  return new KafkaJSProtocolError(refusalNamed('INVALID_REQUIRED_ACKS') ?? 'Invalid acks')
}

function isFatal(error: unknown): boolean {
  return error instanceof Error && 'fatal' in error && error.fatal === true
}
