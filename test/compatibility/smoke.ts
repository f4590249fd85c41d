import type { Ports } from '@linger/producer'
import { nodePorts } from '../../packages/producer/src/ports/node/node-ports.ts'
import { startKafka } from '../real-kafka/index.ts'
import { watchedNetwork } from '../real-kafka/watched-network.ts'
import { deliverMixedRecords } from '../scenarios/mixed-delivery.ts'

// Usage: node smoke.ts [version...]. The oldest is the last that runs with ZooKeeper only.
const VERSIONS = ['2.8.2', '3.9.2', '4.0.2', '4.3.1']
const RECORD_COUNT = 20_000
const PARTITION_COUNT = 3
const PRODUCE_KEY = 0

const asked = process.argv.slice(2)
let failedCount = 0
for (const version of asked.length > 0 ? asked : VERSIONS) {
  try {
    console.log(await smoke(version))
  } catch (error) {
    failedCount++
    console.log(`Kafka ${version}  FAILED:`, error)
  }
}
process.exitCode = failedCount === 0 ? 0 : 1

/** A line that says what was verified. @throws with what differs */
async function smoke(version: string): Promise<string> {
  const kafka = await startKafka({ version })
  try {
    const produceVersions = new Set<number>()
    const report = await deliverMixedRecords({
      bootstrapServers: kafka.bootstrapServers,
      recordCount: RECORD_COUNT,
      partitionCount: PARTITION_COUNT,
      ports: watchedPorts(produceVersions),
    })
    const spoken = `Produce v${[...produceVersions].toSorted((a, b) => a - b).join(', v')}`
    if (report.verified < RECORD_COUNT || report.examples.length > 0) {
      throw new Error(`${spoken}, ${JSON.stringify(report)}`)
    }
    return `Kafka ${version}  ${spoken}  ${report.verified} of ${RECORD_COUNT} mixed records identical, read by Java`
  } finally {
    await kafka.stop()
  }
}

/** The real ports, which note the version of every Produce request that leaves. */
function watchedPorts(produceVersions: Set<number>): Ports {
  const ports = nodePorts()
  const network = watchedNetwork(ports.network, ({ apiKey, apiVersion }) => {
    if (apiKey === PRODUCE_KEY) produceVersions.add(apiVersion)
  })
  return { ...ports, network }
}
