import { randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { type KafkaError, Producer, type ProducerConfig, type RecordMetadata } from '@linger/producer'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { createTopic } from '../../demo/topic.ts'
import { noAnomalies } from '../delivery-checker/anomaly.ts'
import type { DeliveryReport } from '../delivery-checker/delivery-checker.ts'
import { ProducerHistory } from '../delivery-checker/producer-history.ts'
import { type KafkaCluster, startCluster } from '../real-kafka/maven-kafka.ts'
import type { MavenBroker } from '../real-kafka/maven-broker.ts'
import { checkMixedRecords, faultless } from './mixed-delivery.ts'
import { MixedRecords } from './mixed-records.ts'

const PARTITIONS = 3

// Only where Kafka came from Maven do we know that a local JVM can run, and only such a broker can be killed.
describe.skipIf(inject('kafka')?.provider !== 'maven')('fault 33: a broker that is killed under load', () => {
  let cluster: KafkaCluster
  let broker: MavenBroker

  beforeEach(async () => {
    cluster = await startCluster({ brokerCount: 1 })
    const [only] = cluster.brokers
    if (only === undefined) throw new Error('the cluster has no broker')
    broker = only
  })
  afterEach(async () => {
    await cluster.stop()
  })

  test('and comes back has every record once and in order', async () => {
    const recordCount = 100_000
    const load = await startLoad(cluster.bootstrapServers, recordCount)
    await vi.waitFor(() => expect(load.ackedCount()).toBeGreaterThan(recordCount / 10), { timeout: 30_000 })
    await broker.end('SIGKILL')
    const ackedAtDeath = load.ackedCount()
    await broker.start()
    await broker.untilAlive(1)
    await load.done

    expect(ackedAtDeath).toBeLessThan(recordCount)
    expect(await load.report()).toEqual(faultless(recordCount))
  })

  test('and stays away fails every record in time, and what was acknowledged is there', async () => {
    const recordCount = 100_000
    const load = await startLoad(cluster.bootstrapServers, recordCount, {
      maxBlockMs: 3_000,
      requestTimeoutMs: 1_000,
      deliveryTimeoutMs: 3_000,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    })
    await vi.waitFor(() => expect(load.ackedCount()).toBeGreaterThan(recordCount / 10), { timeout: 30_000 })
    await broker.end('SIGKILL')
    const ackedAtDeath = load.ackedCount()
    load.stopSending()
    await load.done
    await broker.start()
    await broker.untilAlive(1)

    const { sent, acked, verified, anomalies } = await load.report()
    expect(anomalies).toEqual(noAnomalies())
    expect(acked).toBe(ackedAtDeath)
    expect(verified).toBe(acked)
    expect(load.errors().length).toBeGreaterThan(0)
    expect(acked + load.errors().length).toBe(sent)
    for (const { code, message } of load.errors())
      expect(code, message).toMatch(/^(DELIVERY_TIMEOUT|METADATA_TIMEOUT)$/u)
  })
})

interface Load {
  readonly ackedCount: () => number
  readonly errors: () => readonly KafkaError[]
  readonly stopSending: () => void
  /** Every record that was handed over is settled, and the producer closed. */
  readonly done: Promise<void>
  readonly report: () => Promise<DeliveryReport>
}

/** Sends mixed records until all are sent or it is told to stop. */
async function startLoad(
  bootstrapServers: string,
  recordCount: number,
  config: Omit<ProducerConfig, 'bootstrapServers'> = {},
): Promise<Load> {
  const topic = `killed-${randomUUID()}`
  await createTopic(bootstrapServers, topic, PARTITIONS)
  const records = new MixedRecords(5, PARTITIONS)
  const history = new ProducerHistory()
  const producer = new Producer({ bootstrapServers, ...config })
  const errors: KafkaError[] = []
  let ackedCount = 0
  const stopping = new AbortController()

  const sendAll = async (): Promise<void> => {
    for (let index = 0; index < recordCount && !stopping.signal.aborted; index++) {
      const record = { topic, ...records.record(index) }
      const callback = (error: KafkaError | null, metadata?: RecordMetadata): void => {
        if (metadata !== undefined) {
          ackedCount++
          history.acked(index, metadata)
        } else if (error !== null) {
          errors.push(error)
          history.failed(index, error)
        }
      }
      history.sent(index)
      while (!producer.produce(record, callback)) await producer.drained()
      if (index % 100 === 0) await turn() // let the test look on
    }
    await producer.flush()
    await producer.close()
  }

  return {
    ackedCount: () => ackedCount,
    errors: () => errors,
    stopSending: () => stopping.abort(),
    done: sendAll(),
    report: () => checkMixedRecords({ bootstrapServers, topic, records, history, config }),
  }
}
