import { Producer as Engine } from '@linger/producer'
import { CompressionCodecs, isCompression } from '../compression/compression-codecs.ts'
import { connectionTimeoutOf, engineConfig, type EnginePurpose } from '../config/engine-config.ts'
import { enginePorts } from '../config/engine-ports.ts'
import type { KafkaConfig, ProducerConfig } from '../config/kafka-config.ts'
import { resolveBrokers } from '../config/resolve-brokers.ts'
import { errorFromEngine } from '../errors/error-from-engine.ts'
import { KafkaJSNotImplemented } from '../errors/kafkajs-error.ts'
import type { Instrumentation } from '../events/instrumentation.ts'
import { requestEvents } from '../events/request-events.ts'
import type { Logger } from '../logger/logger.ts'
import { retried, retrySchedule } from '../retry/retry.ts'
import { Sender, type Partition } from './sender.ts'

export interface EnginesDeps {
  readonly kafka: KafkaConfig
  readonly producer: ProducerConfig
  readonly partition: Partition
  readonly logger: Logger
  readonly instrumentation: Instrumentation
}

/**
 * The engines of one producer. KafkaJS decides on acks and compression by the call, an engine by its configuration: so
 * there is one for each pair that is used, made when it is.
 */
export class Engines {
  readonly #deps: EnginesDeps
  readonly #senders = new Map<string, Sender>()
  #brokers: readonly string[] | undefined

  constructor(deps: EnginesDeps) {
    this.#deps = deps
  }

  /** What most messages are sent with; undefined until the producer is connected. */
  get main(): Engine | undefined {
    return this.#senders.get(keyOf(-1, 0))?.engine
  }

  /** Finds the cluster, as often as KafkaJS would try. */
  async connect(): Promise<void> {
    if (this.#senders.size > 0) return
    const { kafka, logger } = this.#deps
    const log = logger.namespace('BrokerPool')
    await this.#resolveBrokers()
    await retried(retrySchedule(kafka.retry), async (retryCount, retryTime) => {
      this.#brokers ??= await resolveBrokers(kafka.brokers)
      try {
        await this.#firstContact(this.#brokers)
      } catch (thrown) {
        this.#brokers = undefined // the next attempt asks for them anew
        const error = withoutRetries(thrown)
        log.error(`Failed to connect to seed broker, trying another broker from the list: ${error.message}`, {
          retryCount,
          retryTime,
        })
        throw error
      }
    })
  }

  async #firstContact(brokers: readonly string[]): Promise<void> {
    const sender = this.#newSender({ acks: -1, compression: 0, isTransactional: false }, brokers)
    try {
      await sender.engine.connect({ timeoutMs: connectionTimeoutOf(this.#deps.kafka) * brokers.length })
    } catch (error) {
      await sender.engine.close({ timeoutMs: 0 })
      throw error
    }
    this.#senders.set(keyOf(-1, 0), sender)
  }

  /** One that is there already. */
  knownSender(acks: number, compression: number): Sender | undefined {
    return this.#senders.get(keyOf(acks, compression))
  }

  /** @throws KafkaJSNotImplemented for a compression that there is no codec for */
  async newSenderFor(acks: number, compression: number): Promise<Sender> {
    const key = keyOf(acks, compression)
    const brokers = await this.#resolveBrokers()
    const sender = this.#senders.get(key) ?? this.#newSender({ acks, compression, isTransactional: false }, brokers)
    this.#senders.set(key, sender)
    return sender
  }

  /** The engine has failed for good: the next send has another. */
  forget(acks: number, compression: number): void {
    this.#senders.delete(keyOf(acks, compression))
  }

  /** One for transactions, which its caller closes. */
  async newTransactionalSender(compression: number): Promise<Sender> {
    return this.#newSender({ acks: -1, compression, isTransactional: true }, await this.#resolveBrokers())
  }

  async #resolveBrokers(): Promise<readonly string[]> {
    this.#brokers ??= await resolveBrokers(this.#deps.kafka.brokers)
    return this.#brokers
  }

  #newSender(purpose: EnginePurpose, brokers: readonly string[]): Sender {
    const { kafka, producer, partition, logger, instrumentation } = this.#deps
    assertCompression(purpose.compression)
    const config = engineConfig(kafka, producer, purpose, brokers, logger)
    const listener = requestEvents(instrumentation, {
      clientId: config.clientId,
      requestTimeoutMs: config.requestTimeoutMs,
      hasAcks: purpose.acks !== 0,
    })
    return new Sender(new Engine(config, enginePorts(kafka, listener)), partition)
  }

  /** Sends what was taken, and lets go of every socket and timer. */
  async close(): Promise<void> {
    const senders = [...this.#senders.values()]
    this.#senders.clear()
    this.#brokers = undefined
    await Promise.all(senders.map((sender) => sender.close()))
  }
}

function keyOf(acks: number, compression: number): string {
  return `${acks} ${compression}`
}

/** @throws KafkaJSNotImplemented for what nobody has a codec for */
function assertCompression(compression: number): void {
  if (compression === 0) return
  if (!isCompression(compression)) throw new KafkaJSNotImplemented(`Compression ${String(compression)} not implemented`)
  CompressionCodecs[compression]()
}

/** One attempt to connect, of several. */
function withoutRetries(thrown: unknown): Error {
  const error = errorFromEngine(thrown, retrySchedule())
  return error.name === 'KafkaJSNumberOfRetriesExceeded' && error.cause instanceof Error ? error.cause : error
}
