import { startBroker, type RunningBroker } from '@linger/broker'
import {
  getTelemetrySubscriptions,
  type GetTelemetrySubscriptionsResponse,
  pushTelemetry,
  type PushTelemetryRequest,
  ZERO_UUID,
} from '@linger/protocol'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { BrokerConnection } from '../../demo/broker-connection.ts'
import { startCollectingKafka, type CollectingKafka } from './collecting-kafka.ts'

const INTERVAL_MS = 60_000
const METRICS = ['org.apache.kafka.producer.record.', 'org.apache.kafka.producer.node.']
/** As both brokers have it where nothing else is said. */
const MAX_BYTES = 1024 * 1024

/** What a client says next. */
type Step = 'ask' | Partial<PushTelemetryRequest>

// Only where Kafka came from Maven do we know that a local JVM can run.
describe.skipIf(inject('kafka')?.provider !== 'maven')('the embedded broker and Kafka', () => {
  let collecting: CollectingKafka
  let embedded: RunningBroker
  let connections: BrokerConnection[] = []

  beforeAll(async () => {
    collecting = await startCollectingKafka(MAX_BYTES)
    await collecting.subscribe('all', METRICS.join(','), INTERVAL_MS)
    embedded = await startBroker({ clientTelemetry: true })
    embedded.broker.cluster.clientMetrics.subscribe('all', { metrics: METRICS, intervalMs: INTERVAL_MS })
    const addresses = [collecting.kafka.bootstrapServers, embedded.bootstrapServers]
    connections = await Promise.all(addresses.map((address) => BrokerConnection.open(address)))
  })
  afterAll(async () => {
    for (const connection of connections) connection.close()
    await embedded.close()
    await collecting.stop()
  })

  test('want the same of a client', async () => {
    const [kafkas, ours] = await Promise.all(connections.map(askAnew))
    const comparable = (answer: GetTelemetrySubscriptionsResponse | undefined) => ({
      ...answer,
      clientInstanceId: '',
      subscriptionId: 0,
      requestedMetrics: answer?.requestedMetrics.toSorted(),
    })
    expect(comparable(ours)).toEqual(comparable(kafkas))
  })

  test.each<[string, Step[]]>([
    ['a question too early', ['ask']],
    ['a push, another too early, one at the end, and one after that', [{}, {}, { terminating: true }, {}]],
    ['an end without a push before, and another', [{ terminating: true }, { terminating: true }]],
    ['a push without an id', [{ clientInstanceId: ZERO_UUID }]],
    ['a push of an id that is not known', [{ clientInstanceId: 'someClientInstanceId0g' }]],
    ['a push under another subscription, and a question', [{ subscriptionId: 4711 }, 'ask', 'ask']],
    ['a push in a compression that is none, and a question', [{ compressionType: 5 }, 'ask']],
    ['a push with too many bytes, and a question', [{ metrics: Buffer.alloc(MAX_BYTES + 1) }, 'ask']],
    ['a push with bytes that are not compressed', [{ compressionType: 1, metrics: Buffer.from('metrics') }]],
    ['a push of nothing', [{ metrics: Buffer.alloc(0) }, {}]],
  ])('judge the same: %s', async (_, steps) => {
    const [kafkas, ours] = await Promise.all(connections.map((connection) => codesOf(connection, steps)))
    expect(ours).toEqual(kafkas)
  })
})

function askAnew(connection: BrokerConnection): Promise<GetTelemetrySubscriptionsResponse> {
  return connection.ask(getTelemetrySubscriptions, { clientInstanceId: ZERO_UUID })
}

/** The error code of each step of a new client. */
async function codesOf(connection: BrokerConnection, steps: readonly Step[]): Promise<number[]> {
  const { clientInstanceId, subscriptionId } = await askAnew(connection)
  const codes: number[] = []
  for (const step of steps) {
    const answer =
      step === 'ask'
        ? await connection.ask(getTelemetrySubscriptions, { clientInstanceId })
        : await connection.ask(pushTelemetry, {
            clientInstanceId,
            subscriptionId,
            terminating: false,
            compressionType: 0,
            metrics: Buffer.alloc(0),
            ...step,
          })
    codes.push(answer.errorCode)
  }
  return codes
}
