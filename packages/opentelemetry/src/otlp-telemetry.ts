import { ValueType } from '@opentelemetry/api'
import type { TelemetryEncoder, TelemetryMetric } from '@linger/producer'

/** What is used of `ProtobufMetricsSerializer` of @opentelemetry/otlp-transformer. */
export interface OtlpMetricsSerializer {
  serializeRequest(metrics: OtlpResourceMetrics): Uint8Array | undefined
}

/** ResourceMetrics of @opentelemetry/sdk-metrics, as far as it is needed for gauges and sums. */
export interface OtlpResourceMetrics {
  readonly resource: { readonly attributes: object }
  readonly scopeMetrics: readonly {
    readonly scope: { readonly name: string }
    readonly metrics: readonly OtlpMetric[]
  }[]
}

export interface OtlpMetric {
  readonly descriptor: {
    readonly name: string
    readonly description: string
    readonly unit: string
    readonly valueType: ValueType
  }
  readonly dataPointType: number
  readonly aggregationTemporality: number
  readonly isMonotonic?: boolean
  readonly dataPoints: readonly OtlpDataPoint[]
}

export interface OtlpDataPoint {
  /** Seconds since 1970, and nanoseconds of the second. */
  readonly startTime: [number, number]
  readonly endTime: [number, number]
  readonly attributes: object
  readonly value: unknown
}

const SCOPE = { name: '@linger/opentelemetry' }

/** @source @opentelemetry/sdk-metrics DataPointType */
const GAUGE = 2
const SUM = 3

/** @source @opentelemetry/sdk-metrics AggregationTemporality */
const DELTA = 0
const CUMULATIVE = 1

/**
 * Encodes the metrics that a producer pushes to brokers (KIP-714), for its configuration:
 * `telemetry: otlpTelemetry(ProtobufMetricsSerializer)`.
 *
 * @param serializer `ProtobufMetricsSerializer` of @opentelemetry/otlp-transformer. Its request for an exporter has the
 *   same bytes as the MetricsData that brokers want
 */
export function otlpTelemetry(serializer: OtlpMetricsSerializer): TelemetryEncoder {
  return {
    encode(metrics, labels) {
      if (metrics.length === 0) return new Uint8Array()
      const bytes = serializer.serializeRequest({
        resource: { attributes: labels },
        scopeMetrics: [{ scope: SCOPE, metrics: byName(metrics) }],
      })
      if (bytes === undefined) throw new Error('the serializer of OpenTelemetry gave no bytes')
      return bytes
    },
  }
}

/** A metric of several topics or brokers is one, with a point for each. */
function byName(metrics: readonly TelemetryMetric[]): OtlpMetric[] {
  const found = new Map<string, OtlpMetric & { readonly dataPoints: OtlpDataPoint[] }>()
  for (const metric of metrics) {
    let same = found.get(metric.name)
    if (same === undefined) {
      same = { ...kindOf(metric), descriptor: descriptorOf(metric), dataPoints: [] }
      found.set(metric.name, same)
    }
    same.dataPoints.push(pointOf(metric))
  }
  return [...found.values()]
}

function kindOf({ kind }: TelemetryMetric): Omit<OtlpMetric, 'descriptor' | 'dataPoints'> {
  if (kind === 'gauge') return { dataPointType: GAUGE, aggregationTemporality: CUMULATIVE }
  const aggregationTemporality = kind === 'delta' ? DELTA : CUMULATIVE
  return { dataPointType: SUM, aggregationTemporality, isMonotonic: true }
}

function descriptorOf({ name }: TelemetryMetric): OtlpMetric['descriptor'] {
  return { name, description: '', unit: '', valueType: ValueType.DOUBLE }
}

function pointOf({ labels, value, startTimeMs, timeMs }: TelemetryMetric): OtlpDataPoint {
  return { startTime: timeOf(startTimeMs), endTime: timeOf(timeMs), attributes: labels, value }
}

function timeOf(ms: number): [number, number] {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)]
}
