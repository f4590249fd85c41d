export { type ObservedProducer, observeProducer, type ObserveOptions } from './observe-producer.ts'
export {
  type OtlpDataPoint,
  type OtlpMetric,
  type OtlpMetricsSerializer,
  type OtlpResourceMetrics,
  otlpTelemetry,
} from './otlp-telemetry.ts'
export { traceProducers, type TraceOptions } from './trace-producers.ts'
