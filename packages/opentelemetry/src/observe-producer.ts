import { metricReadings, type MetricReading, type Metrics, topicMetricNames } from '@linger/producer'
import {
  type Attributes,
  type BatchObservableResult,
  type Meter,
  type MeterProvider,
  metrics as registered,
  type Observable,
} from '@opentelemetry/api'

/** A producer, or whatever has metrics like one. */
export interface ObservedProducer {
  metrics(): Metrics
}

export interface ObserveOptions {
  /** Default: the one that is registered. */
  readonly meterProvider?: MeterProvider
  /** For every value: what tells this producer from others, `{ 'client-id': 'orders' }`. */
  readonly attributes?: Attributes
}

const PREFIXES = { producer: 'kafka.producer', topic: 'kafka.producer.topic', node: 'kafka.producer.node' } as const

/**
 * Gives a producer's metrics to OpenTelemetry, each time that it collects: `kafka.producer.record_send_total` and so on,
 * those of topics and brokers with the attribute `topic` or `node-id` as `kafka.producer.topic.*` and
 * `kafka.producer.node.*`. Totals are counters, the rest gauges.
 *
 * @returns what ends that
 */
export function observeProducer(producer: ObservedProducer, options: ObserveOptions = {}): () => void {
  const { attributes = {} } = options
  const meter = (options.meterProvider ?? registered).getMeter('@linger/opentelemetry')
  const instruments = instrumentsFor(meter, producer.metrics())
  const observe = (result: BatchObservableResult): void => {
    for (const reading of metricReadings(producer.metrics())) {
      if (Number.isNaN(reading.value)) continue // there was nothing to measure
      const instrument = instruments.get(nameOf(reading))
      if (instrument !== undefined)
        result.observe(instrument, reading.value, { ...attributes, ...attributesOf(reading) })
    }
  }
  const all = [...instruments.values()]
  meter.addBatchObservableCallback(observe, all)
  return () => meter.removeBatchObservableCallback(observe, all)
}

function nameOf({ scope, name }: Pick<MetricReading, 'scope' | 'name'>): string {
  return `${PREFIXES[scope]}.${name.replaceAll('-', '_')}`
}

function attributesOf({ scope, of }: MetricReading): Attributes {
  switch (scope) {
    case 'producer':
      return {}
    case 'topic':
      return { topic: of }
    case 'node':
      return { 'node-id': of }
  }
}

/** Topics come later. Bootstrap servers are there from the beginning, and stand for all brokers. */
function instrumentsFor(meter: Meter, metrics: Metrics): Map<string, Observable> {
  const ofTopics = topicMetricNames.map((name) => nameOf({ scope: 'topic', name }))
  const names = [...metricReadings(metrics).map((reading) => nameOf(reading)), ...ofTopics]
  return new Map(
    [...new Set(names)].map((name) => [
      name,
      name.endsWith('_total') ? meter.createObservableCounter(name) : meter.createObservableGauge(name),
    ]),
  )
}
