export { ProducerCollector, type CollectedProducer, type CollectorOptions } from './producer-collector.ts'
