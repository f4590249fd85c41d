import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs'
import { ARRAYS_OUTSTANDING, runDriver } from '../driver.ts'

await runDriver(async (workload) => {
  const { topic, mode } = workload
  const kafka = new Kafka({
    clientId: 'bench',
    brokers: workload.bootstrapServers.split(','),
    logLevel: logLevel.ERROR,
  })
  // Its idempotent mode takes sequences when a request is answered, so sends that overlap fail: it is off here.
  const producer = kafka.producer({ idempotent: false, createPartitioner: Partitioners.DefaultPartitioner })
  const value = Buffer.alloc(workload.valueBytes, 'x')
  await producer.connect()

  const record = (partition: number) => (partition < 0 ? { value } : { partition, value })
  const send = (partitions: readonly number[]) =>
    producer.send({ topic, acks: -1, compression: CompressionTypes.None, messages: partitions.map(record) })
  return {
    settings: {
      acks: -1,
      idempotent: 'false (it fails with overlapping sends)',
      batching: 'none',
      api: mode === 'callback' ? `send() of 1,000 messages, ${ARRAYS_OUTSTANDING} sends outstanding` : 'send() of one',
    },
    sendArray: send,
    send: (partition) => send([partition]),
    flush: async () => {},
    close: () => producer.disconnect(),
  }
})
