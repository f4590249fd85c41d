export { type ObservedProducer, observeProducer, type ObserveOptions } from './observe-producer.ts'
export { traceProducers, type TraceOptions } from './trace-producers.ts'
