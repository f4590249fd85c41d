import { Producer as Engine, ProducerGroup } from '@linger/producer'
import { CompressionCodecs, isCompression } from '../compression/compression-codecs.ts'
import type { KafkaConfig, ProducerConfig } from '../config/kafka-config.ts'
import { errorFromEngine } from '../errors/error-from-engine.ts'
import { KafkaJSNotImplemented } from '../errors/kafkajs-error.ts'
import type { Instrumentation } from '../events/instrumentation.ts'
import { requestEvents, type RequestEventNames } from '../events/request-events.ts'
import type { Logger } from '../logger/logger.ts'
import { retried, retrySchedule } from '../retry/retry.ts'
import { BUFFER_BYTES_MAX, connectionTimeoutOf, engineConfig, type EnginePurpose } from './engine-config.ts'
import { enginePorts } from './engine-ports.ts'
import { resolveBrokers } from './resolve-brokers.ts'

export interface EngineSourceDeps {
  readonly kafka: KafkaConfig
  readonly producer: ProducerConfig
  readonly logger: Logger
  readonly instrumentation: Instrumentation
  readonly events: RequestEventNames
}

/** Makes the engines of one client. They share a cap on memory and what they know of the cluster. */
export class EngineSource {
  readonly #deps: EngineSourceDeps
  readonly #group = new ProducerGroup({ bufferMemory: BUFFER_BYTES_MAX })
  #brokers: readonly string[] | undefined

  constructor(deps: EngineSourceDeps) {
    this.#deps = deps
  }

  /** Finds the cluster, as often as KafkaJS would try, and answers the engine that did. */
  async connected(purpose: EnginePurpose): Promise<Engine> {
    const { kafka, logger } = this.#deps
    const log = logger.namespace('BrokerPool')
    await this.#resolveBrokers()
    return retried(retrySchedule(kafka.retry), async (retryCount, retryTime) => {
      const brokers = await this.#resolveBrokers()
      try {
        return await this.#firstContact(purpose, brokers)
      } catch (thrown) {
        this.forgetBrokers() // the next attempt asks for them anew
        const error = withoutRetries(thrown)
        log.error(`${isOfOneBroker(error) ? TRYING_ANOTHER : ''}${error.message}`, { retryCount, retryTime })
        throw error
      }
    })
  }

  async #firstContact(purpose: EnginePurpose, brokers: readonly string[]): Promise<Engine> {
    const engine = this.#made(purpose, brokers)
    try {
      await engine.connect({ timeoutMs: connectionTimeoutOf(this.#deps.kafka) * brokers.length })
      return engine
    } catch (error) {
      await engine.close({ timeoutMs: 0 })
      throw error
    }
  }

  /**
   * One that connects when it is used.
   *
   * @returns rejects with KafkaJSNotImplemented for a compression that there is no codec for
   */
  async made(purpose: EnginePurpose): Promise<Engine> {
    return this.#made(purpose, await this.#resolveBrokers())
  }

  #made(purpose: EnginePurpose, brokers: readonly string[]): Engine {
    const { kafka, producer, logger, instrumentation, events } = this.#deps
    assertCompression(purpose.compression)
    const config = engineConfig(kafka, producer, purpose, brokers, logger)
    const listener = requestEvents(instrumentation, events, {
      clientId: config.clientId,
      requestTimeoutMs: config.requestTimeoutMs,
      hasAcks: purpose.acks !== 0,
    })
    return new Engine(config, enginePorts(kafka, listener), this.#group)
  }

  /** Who connects again asks for them again. */
  forgetBrokers(): void {
    this.#brokers = undefined
  }

  async #resolveBrokers(): Promise<readonly string[]> {
    this.#brokers ??= await resolveBrokers(this.#deps.kafka.brokers)
    return this.#brokers
  }
}

/** @throws KafkaJSNotImplemented for what nobody has a codec for */
function assertCompression(compression: number): void {
  if (compression === 0) return
  if (!isCompression(compression)) throw new KafkaJSNotImplemented(`Compression ${String(compression)} not implemented`)
  CompressionCodecs[compression]()
}

const TRYING_ANOTHER = 'Failed to connect to seed broker, trying another broker from the list: '

/** What KafkaJS goes on from to the next of the list, and says so. */
function isOfOneBroker(error: Error): boolean {
  return error.name === 'KafkaJSConnectionError' || ('type' in error && error.type === 'ILLEGAL_SASL_STATE')
}

/** One attempt to connect, of several. */
function withoutRetries(thrown: unknown): Error {
  const error = errorFromEngine(thrown, retrySchedule())
  return error.name === 'KafkaJSNumberOfRetriesExceeded' && error.cause instanceof Error ? error.cause : error
}
