export { kafkaLibs } from './kafka-libs.ts'
export { startMavenKafka, type MavenKafka } from './maven-kafka.ts'
export type { KafkaProvider, RunningKafka, StartKafkaOptions } from './running-kafka.ts'
export { describeKafka, KafkaUnavailableError, startKafka } from './start-kafka.ts'
