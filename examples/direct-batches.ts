import { type BatchBuilder, Producer } from '@linger/producer'

// Batches by hand: what is in each, where it goes and when it leaves. Usage: node direct-batches.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'measurements'] = process.argv
await using producer = new Producer({ bootstrapServers, batchSize: 16_384 })

const batches: BatchBuilder[] = []
let batch = producer.createBatch()
for (let index = 0; index < 2_000; index++) {
  const record = { key: `sensor-${index % 10}`, value: `measured ${index}` }
  if (batch.append(record) !== undefined) continue
  // Full: nothing of the record is in it.
  batches.push(batch)
  batch = producer.createBatch()
  batch.append(record)
}
batches.push(batch)

// The producer may not add other records to these. They go to partition 0 in this order, one after the other.
for (const one of batches) one.close()
const offsets = await Promise.all(batches.map(async (one) => producer.sendBatch(one, { topic, partition: 0 })))
console.log(`${batches.length} batches, at offsets ${offsets.join(', ')}`)
