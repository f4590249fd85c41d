import { promisify } from 'node:util'
import { setTimeout as delay } from 'node:timers/promises'
import type { Workload } from '../../workload.ts'
import { type Driver, runDriver } from '../driver.ts'
import { valuesFor } from '../values.ts'
import { loadConfluentKafka } from './confluent-api.ts'

const QUEUE_FULL = -184
const TIMEOUT_MS = 120_000

const confluent = loadConfluentKafka()

await runDriver((workload) => (workload.mode === 'callback' ? callbackDriver(workload) : promiseDriver(workload)))

async function callbackDriver(workload: Workload): Promise<Driver> {
  const { topic } = workload
  const settings = settingsFor(workload)
  const producer = new confluent.Producer({
    'bootstrap.servers': workload.bootstrapServers,
    ...settings,
    dr_cb: true,
  })
  const reports = { due: 0 }
  producer.on('delivery-report', (error, report) => {
    reports.due -= 1
    report.opaque(error)
  })
  await promisify(producer.connect.bind(producer))({})
  producer.setPollInBackground(true)
  const nextValue = valuesFor(workload)

  return {
    settings: { librdkafka: confluent.librdkafkaVersion, ...settings },
    produce(partition, done) {
      try {
        producer.produce(topic, partition, nextValue(), null, null, done)
        reports.due += 1
        return true
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === QUEUE_FULL) return false
        throw error
      }
    },
    // It has no event for room in its queue.
    drained: async () => delay(1),
    flush: async () => {
      await promisify(producer.flush.bind(producer))(TIMEOUT_MS)
      // Its flush ends when librdkafka has the acknowledgements; the reports reach JavaScript later.
      while (reports.due > 0) await delay(1)
    },
    close: async () => {
      await promisify(producer.disconnect.bind(producer))(TIMEOUT_MS)
    },
  }
}

async function promiseDriver(workload: Workload): Promise<Driver> {
  const { topic } = workload
  const settings = settingsFor(workload)
  const kafka = new confluent.KafkaJS.Kafka({ 'bootstrap.servers': workload.bootstrapServers, log_level: 3 })
  const producer = kafka.producer(settings)
  const nextValue = valuesFor(workload)
  await producer.connect()

  return {
    settings: { librdkafka: confluent.librdkafkaVersion, ...settings },
    send: (partition) => {
      const value = nextValue()
      return producer.send({ topic, messages: [partition < 0 ? { value } : { value, partition }] })
    },
    flush: () => producer.flush({ timeout: TIMEOUT_MS }),
    close: () => producer.disconnect(),
  }
}

function settingsFor({
  idempotent,
  compressionType,
  lingerMs,
  batchSize,
  bufferMemory,
}: Workload): Record<string, string | number | boolean> {
  return {
    acks: -1,
    'enable.idempotence': idempotent,
    'compression.type': compressionType,
    'linger.ms': lingerMs,
    'batch.size': batchSize,
    'queue.buffering.max.kbytes': bufferMemory / 1_024,
    'queue.buffering.max.messages': 1_000_000,
  }
}
