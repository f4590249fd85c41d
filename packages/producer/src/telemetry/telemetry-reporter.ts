import {
  errorFor,
  getTelemetrySubscriptions,
  type GetTelemetrySubscriptionsResponse,
  pushTelemetry,
  ZERO_UUID,
} from '@linger/protocol'
import type { BrokerNode } from '../cluster/broker-node.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Logger } from '../config/producer-config.ts'
import { KafkaError } from '../errors.ts'
import type { Random } from '../ports/random.ts'
import { brokerForTelemetry } from './broker-for-telemetry.ts'
import { InstanceIdWaiters } from './instance-id-waiters.ts'
import { type CollectedTelemetry, TelemetryCollector, type TelemetryCollectorDeps } from './telemetry-collector.ts'
import { reactionTo } from './telemetry-reaction.ts'
import type { TelemetryState } from './telemetry-state.ts'
import { DEFAULT_PUSH_INTERVAL_MS, subscriptionFrom, type TelemetrySubscription } from './telemetry-subscription.ts'

export interface TelemetryReporterDeps extends TelemetryCollectorDeps {
  readonly cluster: Cluster
  readonly random: Random
  readonly logger: Logger
  readonly wake: () => void
}

/**
 * Pushes the producer's metrics to brokers that ask for them (KIP-714).
 *
 * It asks a broker what is wanted, pushes that every so often, and once more at the end. It uses connections that are
 * there: none is made for it, unless somebody waits for the client instance id, and no process is kept alive by its timer.
 *
 * @source Kafka ClientTelemetryReporter
 */
export class TelemetryReporter {
  readonly #deps: TelemetryReporterDeps
  readonly #collector: TelemetryCollector
  readonly waiters: InstanceIdWaiters = new InstanceIdWaiters()
  #state: TelemetryState = { name: 'SUBSCRIPTION_NEEDED', atMs: 0 }
  /** The broker that was asked last: each of them remembers for itself whom it has told what. */
  #node: BrokerNode | undefined
  #clientInstanceId: string | undefined
  #intervalMs = DEFAULT_PUSH_INTERVAL_MS
  /** Told when the last push is over. */
  #onTerminated: (() => void)[] = []

  constructor(deps: TelemetryReporterDeps) {
    this.#deps = deps
    this.#collector = new TelemetryCollector(deps)
  }

  /** What brokers call this producer: 22 letters of url-safe base64. Undefined until one was asked. */
  get clientInstanceId(): string | undefined {
    return this.#clientInstanceId
  }

  /** Nothing is asked and nothing is pushed any more. */
  get hasEnded(): boolean {
    return this.#state.name === 'TERMINATED'
  }

  /** Somebody would use a connection that is not there. */
  isWaiting(nowMs: number): boolean {
    return this.waiters.isWaited && 'atMs' in this.#state && this.#state.atMs <= nowMs
  }

  /** When there is something to do that no event announces. What is due waits for a connection. */
  deadlineMs(nowMs: number): number {
    return 'atMs' in this.#state && this.#state.atMs > nowMs ? this.#state.atMs : Infinity
  }

  run(nowMs: number): void {
    const state = this.#state
    if (!('atMs' in state) || state.atMs > nowMs) return
    const node = brokerForTelemetry(this.#deps.cluster, this.#node, nowMs)
    if (node === 'busy') return
    if (node === 'unsupported') {
      this.#askLater(DEFAULT_PUSH_INTERVAL_MS)
    } else if (node === 'none') {
      if (state.name === 'TERMINATING_PUSH_NEEDED') this.#end()
      else if (this.waiters.isWaited) this.#deps.cluster.connectToAnyBroker(nowMs)
    } else {
      this.#node = node
      if (state.name === 'SUBSCRIPTION_NEEDED') this.#ask(node)
      else this.#push(node, state)
    }
  }

  /** Pushes once more if a broker wants metrics, and nothing afterwards. */
  terminate(onTerminated: () => void): void {
    this.#onTerminated.push(onTerminated)
    switch (this.#state.name) {
      case 'PUSH_NEEDED':
        this.#terminateWith(this.#state.subscription)
        return
      case 'PUSH_IN_PROGRESS': // its answer tells which counts are told
      case 'TERMINATING_PUSH_NEEDED':
      case 'TERMINATING_PUSH_IN_PROGRESS':
        return
      case 'SUBSCRIPTION_NEEDED':
      case 'SUBSCRIPTION_IN_PROGRESS':
      case 'TERMINATED':
        this.#end()
    }
  }

  close(error: KafkaError): void {
    this.waiters.failAll(error)
    this.#end()
  }

  #ask(node: BrokerNode): void {
    const inProgress: TelemetryState = { name: 'SUBSCRIPTION_IN_PROGRESS' }
    this.#state = inProgress
    const message = { clientInstanceId: this.#clientInstanceId ?? ZERO_UUID }
    node.connection?.request(getTelemetrySubscriptions, message, (_error, response) => {
      if (this.#state !== inProgress) return
      if (response === undefined) this.#askLater(DEFAULT_PUSH_INTERVAL_MS)
      else if (response.errorCode === 0) this.#onSubscription(response)
      else this.#onRefused(getTelemetrySubscriptions.name, response.errorCode, this.#intervalMs)
    })
  }

  #onSubscription(response: GetTelemetrySubscriptionsResponse): void {
    const { random, clock, logger } = this.#deps
    const subscription = subscriptionFrom(response, this.#clientInstanceId)
    if (subscription === undefined) {
      logger.warn('linger: a broker asked for metrics, and gave no client instance id: none are pushed for now')
      this.#askLater(DEFAULT_PUSH_INTERVAL_MS)
      return
    }
    this.#clientInstanceId = subscription.clientInstanceId
    this.#intervalMs = subscription.pushIntervalMs
    this.waiters.resolveAll(subscription.clientInstanceId)
    if (subscription.prefixes.length === 0) {
      this.#askLater(this.#intervalMs)
      return
    }
    // Clients that were started together are not to push together.
    const atMs = clock.now() + this.#intervalMs * (0.5 + random.next())
    this.#state = { name: 'PUSH_NEEDED', atMs, subscription }
  }

  #push(node: BrokerNode, { name, subscription }: Extract<TelemetryState, { name: `${string}PUSH_NEEDED` }>): void {
    const terminating = name === 'TERMINATING_PUSH_NEEDED'
    const collected = this.#collect(subscription)
    if (collected === undefined) {
      if (terminating) this.#end()
      else this.#pushLater(subscription)
      return
    }
    const inProgress: TelemetryState = terminating
      ? { name: 'TERMINATING_PUSH_IN_PROGRESS' }
      : { name: 'PUSH_IN_PROGRESS', subscription }
    this.#state = inProgress
    const { clientInstanceId, subscriptionId } = subscription
    const { compressionType, bytes: metrics } = collected.payload
    const message = { clientInstanceId, subscriptionId, terminating, compressionType, metrics }
    node.connection?.request(pushTelemetry, message, (_error, response) => {
      if (this.#state !== inProgress) return
      if (terminating) this.#end()
      else if (response === undefined) this.#askLater(this.#intervalMs)
      else if (response.errorCode === 0) this.#onTaken(collected)
      else this.#onPushRefused(response.errorCode, collected)
    })
  }

  /** Undefined when the encoder has failed. */
  #collect(subscription: TelemetrySubscription): CollectedTelemetry | undefined {
    try {
      return this.#collector.collect(subscription)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#deps.logger.warn(`linger: the metrics for brokers cannot be encoded: ${reason}`)
      return undefined
    }
  }

  #onTaken(collected: CollectedTelemetry): void {
    this.#collector.onTaken(collected)
    if (this.#onTerminated.length > 0) this.#terminateWith(collected.subscription)
    else this.#pushLater(collected.subscription)
  }

  #onPushRefused(errorCode: number, collected: CollectedTelemetry): void {
    if (errorFor(errorCode).name === 'UNSUPPORTED_COMPRESSION_TYPE') this.#collector.onCompressionRefused(collected)
    this.#onRefused(pushTelemetry.name, errorCode, 0)
  }

  /** @param atOnceMs what 'at once' is: a question that was refused is not asked again and again */
  #onRefused(apiName: string, errorCode: number, atOnceMs: number): void {
    switch (reactionTo(errorCode)) {
      case 'ask-at-once':
        this.#askLater(atOnceMs)
        return
      case 'ask-later':
        this.#askLater(this.#intervalMs)
        return
      case 'end': {
        const { name, meaning } = errorFor(errorCode)
        const message = `${apiName} was refused: ${meaning} (${name})`
        this.#deps.logger.warn(`linger: no more metrics are pushed to brokers: ${message}`)
        this.waiters.failAll(new KafkaError(name, message, { outcome: 'never' }))
        this.#end()
      }
    }
  }

  /** At the end nothing is asked any more. */
  #askLater(delayMs: number): void {
    if (this.#onTerminated.length > 0) this.#end()
    else this.#state = { name: 'SUBSCRIPTION_NEEDED', atMs: this.#deps.clock.now() + delayMs }
  }

  #pushLater(subscription: TelemetrySubscription): void {
    this.#state = { name: 'PUSH_NEEDED', atMs: this.#deps.clock.now() + subscription.pushIntervalMs, subscription }
  }

  #terminateWith(subscription: TelemetrySubscription): void {
    this.#state = { name: 'TERMINATING_PUSH_NEEDED', atMs: 0, subscription }
    this.#deps.wake()
  }

  #end(): void {
    this.#state = { name: 'TERMINATED' }
    for (const onTerminated of this.#onTerminated.splice(0)) onTerminated()
  }
}
