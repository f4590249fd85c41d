import type { TestProject } from 'vitest/node'
import type { KafkaProvider } from './running-kafka.ts'
import { KafkaUnavailableError, startKafka } from './start-kafka.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The Kafka of this run, or null on a machine that has none. */
    kafka: { bootstrapServers: string; version: string; provider: KafkaProvider } | null
  }
}

const OWN_KAFKA_LEFT_OUT =
  'LEFT OUT: tests that start and kill brokers of their own (transactions, security, chaos): they need local Java and Maven.'

/** Starts Kafka once for all tests of the run, who get it by `inject('kafka')`, and stops it after them. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  try {
    const { stop, bootstrapServers, version, provider } = await startKafka()
    project.provide('kafka', { bootstrapServers, version, provider })
    if (provider !== 'maven') process.stderr.write(`${OWN_KAFKA_LEFT_OUT}\n`)
    return stop
  } catch (error) {
    // CI that tests nothing against Kafka must not be green.
    if (!(error instanceof KafkaUnavailableError) || process.env['CI'] === 'true') throw error
    process.stderr.write(`${error.message}\nLEFT OUT: every test that needs a real Kafka.\n`)
    project.provide('kafka', null)
    return undefined
  }
}
