import { getTelemetrySubscriptions, pushTelemetry } from '@linger/protocol'
import type { Producer, ProducerConfig, TelemetryEncoder, TelemetryMetric } from '../../src/index.ts'
import type { BrokerRequest } from '../world/broker-host.ts'
import { unchecked } from '../world/unchecked.ts'
import { World, type WorldOptions } from '../world/world.ts'

export const INTERVAL_MS = 10_000

interface Encoded {
  readonly metrics: readonly TelemetryMetric[]
  readonly labels: Readonly<Record<string, string>>
}

/** Metrics as a broker got them. */
export interface TakenMetrics extends Encoded {
  readonly terminating: boolean
  readonly compressionType: number
}

/** Metrics as JSON, for whoever looks into what was pushed. */
export const jsonTelemetry: TelemetryEncoder = {
  encode: (metrics, labels) => Buffer.from(metrics.length === 0 ? '' : JSON.stringify({ metrics, labels })),
}

/** The answer of a broker to the question what it wants, but for the code of the error. */
export const NOTHING_WANTED = {
  throttleTimeMs: 0,
  clientInstanceId: 'AAAAAAAAAAAAAAAAAAAAAA',
  subscriptionId: 0,
  acceptedCompressionTypes: [],
  pushIntervalMs: 0,
  telemetryMaxBytes: 0,
  deltaTemporality: false,
  requestedMetrics: [],
}

/** Brokers that want all metrics every ten seconds, and what they ask and get. */
export class TelemetryWorld extends World {
  readonly asked: BrokerRequest[] = []
  /** When pushes came, whether or not they were taken. */
  readonly pushedAtMs: number[] = []

  constructor(options: WorldOptions = {}) {
    super({ ...options, brokerConfig: { clientTelemetry: true, ...options.brokerConfig } })
    this.cluster.clientMetrics.subscribe('all', { metrics: ['*'], intervalMs: INTERVAL_MS })
    this.onRequest(getTelemetrySubscriptions, (request) => {
      this.asked.push(request)
      return undefined
    })
    this.onRequest(pushTelemetry, () => {
      this.pushedAtMs.push(this.nowMs)
      return undefined
    })
  }

  reporting(config: Partial<ProducerConfig> = {}): Producer {
    return this.producer({ telemetry: jsonTelemetry, ...config })
  }

  get taken(): TakenMetrics[] {
    return this.cluster.clientMetrics.pushed.map(({ metrics, terminating, compressionType }) => {
      const encoded: Encoded = unchecked(JSON.parse(Buffer.from(metrics).toString()))
      return { ...encoded, terminating, compressionType }
    })
  }

  /** Of the last push that was taken, by name and what it is a metric of. */
  lastTaken(name: string, of: string = ''): TelemetryMetric | undefined {
    const full = `org.apache.kafka.producer.${name}`
    return this.taken
      .at(-1)
      ?.metrics.find((metric) => metric.name === full && Object.values(metric.labels).join('') === of)
  }

  /** Until so many pushes were taken in all. */
  untilTaken(count: number): Promise<void> {
    return this.untilTrue(() => this.cluster.clientMetrics.pushed.length >= count)
  }
}
