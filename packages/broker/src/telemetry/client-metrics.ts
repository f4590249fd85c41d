/** What is asked of clients' metrics under one name: a resource of the type CLIENT_METRICS. */
export interface ClientMetricsSubscription {
  /** How the names of wanted metrics begin; '*' is all of them. */
  readonly metrics: readonly string[]
  /** How often they are to be pushed. */
  readonly intervalMs: number
}

/** Metrics that a client has pushed, as a broker gives them to its plugin. */
export interface PushedMetrics {
  readonly nodeId: number
  /** 22 letters of url-safe base64. */
  readonly clientInstanceId: string
  readonly terminating: boolean
  /** Kafka's number of the compression, 0 to 4. */
  readonly compressionType: number
  /** MetricsData of OpenTelemetry in protobuf, decompressed. */
  readonly metrics: Uint8Array
}

/** @source Kafka ClientMetricsConfigs.INTERVAL_MS_DEFAULT */
const INTERVAL_MS_DEFAULT = 300_000

const ALL_METRICS = '*'

/** What a cluster wants to know of its clients, and what they told it. (KIP-714) */
export class ClientMetrics {
  readonly #subscriptions = new Map<string, ClientMetricsSubscription>()
  /** All that was pushed, to any broker, oldest first. */
  readonly pushed: PushedMetrics[] = []
  /** Counters are to be told as what came since the last time. Kafka's brokers always want that. */
  deltaTemporality = true
  /** Counts changes, and so names the set of subscriptions that there is. */
  #version = 0

  get version(): number {
    return this.#version
  }

  /** Asks all clients for metrics, under a name that is new or gets another meaning. */
  subscribe(name: string, subscription: ClientMetricsSubscription): void {
    this.#subscriptions.set(name, subscription)
    this.#version++
  }

  unsubscribe(name: string): void {
    if (this.#subscriptions.delete(name)) this.#version++
  }

  /** How the names of wanted metrics begin. '*' alone: all are. */
  get requestedMetrics(): string[] {
    const wanted = new Set([...this.#subscriptions.values()].flatMap(({ metrics }) => metrics))
    return wanted.has(ALL_METRICS) ? [ALL_METRICS] : [...wanted]
  }

  get pushIntervalMs(): number {
    return Math.min(INTERVAL_MS_DEFAULT, ...[...this.#subscriptions.values()].map(({ intervalMs }) => intervalMs))
  }
}
