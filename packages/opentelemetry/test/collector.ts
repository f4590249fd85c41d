import { DataPointType, type MetricData, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'

class OnDemandReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Metrics that are collected when they are asked for. */
export class Collector {
  readonly #reader = new OnDemandReader()
  readonly provider: MeterProvider = new MeterProvider({ readers: [this.#reader] })

  /** The values of a metric, with their attributes. Undefined when there is no such metric. */
  async valuesOf(name: string): Promise<{ readonly value: unknown; readonly attributes: object }[] | undefined> {
    const data = (await this.all()).find(({ descriptor }) => descriptor.name === name)
    return data?.dataPoints.map(({ value, attributes }) => ({ value, attributes }))
  }

  /** Names of all counters that only grow. */
  async counterNames(): Promise<string[]> {
    const all = await this.all()
    return all
      .filter((data) => data.dataPointType === DataPointType.SUM && data.isMonotonic)
      .map(({ descriptor }) => descriptor.name)
  }

  async all(): Promise<MetricData[]> {
    const { resourceMetrics, errors } = await this.#reader.collect()
    if (errors.length > 0) throw errors[0]
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
  }
}
