import { brokerApis, type BrokerApis } from './broker-probe.ts'
import type { RunningKafka } from './running-kafka.ts'

export const BOOTSTRAP_VARIABLE = 'LINGER_BOOTSTRAP_SERVERS'
const PROBE_TIMEOUT_MS = 5_000
const API_PRODUCE = 0

/**
 * The first metadata.version of each release that added one, newest first.
 *
 * @source Kafka MetadataVersion (4.3.1)
 */
const RELEASE_OF_METADATA_VERSION: readonly (readonly [level: number, release: string])[] = [
  [30, '4.3'],
  [28, '4.2'],
  [26, '4.1'],
  [22, '4.0'],
  [21, '3.9'],
  [20, '3.8'],
  [15, '3.7'],
  [12, '3.6'],
  [9, '3.5'],
  [8, '3.4'],
  [7, '3.3'],
]

/** The Kafka that the environment names. It must answer: whoever names a broker does not want to be given another. */
export async function connectToEnvironmentKafka(bootstrapServers: string): Promise<RunningKafka> {
  const failures: string[] = []
  for (const address of bootstrapServers.split(',').map((part) => part.trim())) {
    try {
      const version = releaseOf(await brokerApis(address, PROBE_TIMEOUT_MS))
      return { bootstrapServers, version, provider: 'environment', stop: async () => {} }
    } catch (cause) {
      failures.push(`${address}: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  }
  throw new Error(
    `${BOOTSTRAP_VARIABLE}=${bootstrapServers}: no broker answers (${failures.join('; ')}). ` +
      'Start it, correct the list of host:port, or unset the variable to let the tests start their own Kafka.',
  )
}

/** What can be said of the release: brokers do not tell it, but they tell which features and APIs they know. */
export function releaseOf({ newest, features }: BrokerApis): string {
  const level = features.get('metadata.version')
  if (level === undefined) return `unknown (Produce up to version ${newest.get(API_PRODUCE) ?? 'unknown'})`

  const known = RELEASE_OF_METADATA_VERSION.find(([first]) => level >= first)
  if (known === undefined) return `unknown (metadata.version ${level})`
  const [newestLevel] = RELEASE_OF_METADATA_VERSION[0] ?? [0]
  return level > newestLevel ? `${known[1]} or later` : known[1]
}
