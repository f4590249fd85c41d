import { Producer } from '@linger/producer'
import { crc32cImplementation } from '@linger/protocol'
import { runDriver } from '../driver.ts'

await runDriver(async (workload) => {
  const { topic, idempotent, lingerMs, batchSize, bufferMemory } = workload
  const options = { acks: 'all', enableIdempotence: idempotent, lingerMs, batchSize, bufferMemory } as const
  const producer = new Producer({ bootstrapServers: workload.bootstrapServers, clientId: 'bench', ...options })
  const value = Buffer.alloc(workload.valueBytes, 'x')
  await producer.connect()

  return {
    settings: { ...options, crc32c: crc32cImplementation },
    produce: (partition, done) =>
      producer.produce(partition < 0 ? { topic, value } : { topic, partition, value }, done),
    drained: () => producer.drained(),
    send: (partition) => producer.send(partition < 0 ? { topic, value } : { topic, partition, value }),
    flush: async () => {
      await producer.flush()
    },
    close: async () => {
      await producer.close()
    },
  }
})
