import { BOOTSTRAP_VARIABLE, connectToEnvironmentKafka } from './environment-kafka.ts'
import { startMavenKafka } from './maven-kafka.ts'
import type { KafkaProvider, RunningKafka, StartKafkaOptions } from './running-kafka.ts'
import { startTestcontainersKafka } from './testcontainers-kafka.ts'

const START: Readonly<Record<KafkaProvider, (options: StartKafkaOptions) => Promise<RunningKafka>>> = {
  environment: async () => connectToEnvironmentKafka(process.env[BOOTSTRAP_VARIABLE] ?? ''),
  testcontainers: startTestcontainersKafka,
  maven: startMavenKafka,
}

/** No Kafka could be had from anywhere. The message lists every source and why it failed. */
export class KafkaUnavailableError extends Error {
  override readonly name = 'KafkaUnavailableError'
}

/**
 * A real Kafka for tests: the one that LINGER_BOOTSTRAP_SERVERS names, else one in Docker, else Kafka's jars from
 * Maven Central in a local JVM. Prints which, and what was tried before.
 *
 * It never outlives this process, even one killed with -9; call `stop` all the same when the run ends.
 *
 * @throws KafkaUnavailableError when none can be had
 */
export async function startKafka(options: StartKafkaOptions = {}): Promise<RunningKafka> {
  const failures: string[] = []
  for (const provider of providersFor(options)) {
    try {
      const kafka = await START[provider](options)
      for (const failure of failures) process.stderr.write(`kafka: ${failure}\n`)
      process.stderr.write(`kafka: ${describeKafka(kafka)}\n`)
      return kafka
    } catch (cause) {
      if (provider === 'environment') throw cause
      failures.push(`${provider}: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  }
  throw new KafkaUnavailableError(`no Kafka to test with\n${failures.map((failure) => `  ${failure}`).join('\n')}`)
}

/** Names a broker for a person: what it is, where it is and where it comes from. */
export function describeKafka({ version, bootstrapServers, provider }: RunningKafka): string {
  const source = { environment: BOOTSTRAP_VARIABLE, testcontainers: 'Docker', maven: 'Maven Central, local JVM' }[
    provider
  ]
  return `Kafka ${version} at ${bootstrapServers} (${source})`
}

/** A broker that is there already has its own version and properties: it serves only who asks for none. */
function providersFor(options: StartKafkaOptions): readonly KafkaProvider[] {
  const { provider, version, properties, transactionVersion } = options
  if (provider !== undefined) return [provider]
  if (transactionVersion !== undefined) return ['maven']
  const named = (process.env[BOOTSTRAP_VARIABLE] ?? '') !== ''
  return named && version === undefined && properties === undefined ? ['environment'] : ['testcontainers', 'maven']
}
