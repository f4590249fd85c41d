import type { Metrics } from '@linger/producer'
import { Counter, Gauge, register as defaultRegister, type Registry } from 'prom-client'
import { type Reading, readingsOf, topicReadings } from './readings.ts'

/** A producer, or whatever has metrics like one. */
export interface CollectedProducer {
  metrics(): Metrics
}

export interface CollectorOptions {
  /** Default: prom-client's own. */
  readonly register?: Registry
}

type Instrument = Counter | Gauge

/**
 * Gives the metrics of producers to prom-client whenever it is scraped: `kafka_producer_record_send_total` and so on,
 * those of topics and brokers as `kafka_producer_topic_*` and `kafka_producer_node_*` with the label `topic` or `node_id`.
 * Totals are counters, the rest gauges. One collector serves all producers of a process.
 */
export class ProducerCollector {
  readonly #register: Registry
  /** By the name that a scrape shows them under. */
  readonly #producers = new Map<string, CollectedProducer>()
  readonly #instruments = new Map<string, Instrument>()

  constructor(options: CollectorOptions = {}) {
    this.#register = options.register ?? defaultRegister
    // Whatever is registered first is asked first, and asks for all.
    this.#gauge('kafka_producer_count', 'Producers of this process', [], (gauge) => {
      gauge.set(this.#producers.size)
      this.#collect()
    })
  }

  /**
   * @param clientId the label `client_id`, by which a scrape tells producers apart
   * @throws Error when there is another producer with that label
   */
  add(clientId: string, producer: CollectedProducer): void {
    if (this.#producers.has(clientId))
      throw new Error(`there is a producer '${clientId}' already: give each its own name`)
    this.#producers.set(clientId, producer)
    for (const reading of [...readingsOf(producer.metrics()), ...topicReadings]) this.#instrumentFor(reading)
  }

  /** The producer is closed: a scrape does not show it any more. */
  remove(clientId: string): void {
    this.#producers.delete(clientId)
  }

  #collect(): void {
    for (const instrument of this.#instruments.values()) instrument.reset()
    for (const [clientId, producer] of this.#producers) {
      for (const reading of readingsOf(producer.metrics())) this.#show(clientId, reading)
    }
  }

  #show(clientId: string, reading: Reading): void {
    if (Number.isNaN(reading.value)) return // there was nothing to measure
    const labels = { client_id: clientId, ...reading.labels }
    const instrument = this.#instrumentFor(reading)
    if (instrument instanceof Counter) instrument.inc(labels, reading.value)
    else instrument.set(labels, reading.value)
  }

  #instrumentFor({ name, labels }: Reading): Instrument {
    const known = this.#instruments.get(name)
    if (known !== undefined) return known
    const help = `Kafka's ${name.replace(/^kafka_producer_(?:topic_|node_)?/u, '').replaceAll('_', '-')}`
    const labelNames = ['client_id', ...Object.keys(labels)]
    const instrument = name.endsWith('_total')
      ? new Counter({ name, help, labelNames, registers: [this.#register] })
      : this.#gauge(name, help, labelNames)
    this.#instruments.set(name, instrument)
    return instrument
  }

  #gauge(name: string, help: string, labelNames: string[], collect?: (gauge: Gauge) => void): Gauge {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#register],
      ...(collect && { collect: () => collect(gauge) }),
    })
    return gauge
  }
}
