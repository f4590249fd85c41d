import { Producer, ProduceAcks } from '@platformatic/kafka'
import { ARRAYS_OUTSTANDING, runDriver } from '../driver.ts'
import { valuesFor } from '../values.ts'

await runDriver(async (workload) => {
  const { topic, mode, idempotent, compressionType: compression } = workload
  const producer = new Producer({
    clientId: 'bench',
    bootstrapBrokers: workload.bootstrapServers.split(','),
    idempotent,
    acks: ProduceAcks.ALL,
    compression,
  })
  const nextValue = valuesFor(workload)

  const record = (partition: number) =>
    partition < 0 ? { topic, value: nextValue() } : { topic, partition, value: nextValue() }
  const send = (partitions: readonly number[]) => producer.send({ messages: partitions.map(record) })
  return {
    settings: {
      acks: ProduceAcks.ALL,
      idempotent,
      compression,
      batching: 'none',
      api: mode === 'callback' ? `send() of 1,000 messages, ${ARRAYS_OUTSTANDING} sends outstanding` : 'send() of one',
    },
    sendArray: send,
    send: (partition) => send([partition]),
    flush: async () => {},
    close: () => producer.close(),
  }
})
