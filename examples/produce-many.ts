import { Producer } from '@linger/producer'

// The fastest way in: no promise per record. Usage: node produce-many.ts [host:port] [count]
const [, , bootstrapServers = 'localhost:9092', count = '100000'] = process.argv
const recordCount = Number(count)

await using producer = new Producer({ bootstrapServers })
let acknowledgedCount = 0

for (let index = 0; index < recordCount; index++) {
  const record = { topic: 'measurements', key: `sensor-${index % 100}`, value: `${index}` }
  const onDelivered = (error: Error | null): void => {
    if (error === null) acknowledgedCount++
    else console.error(error.message)
  }
  // False: the buffer is full and the record was not taken. Wait for room, and offer it again.
  while (!producer.produce(record, onDelivered)) await producer.drained()
}

await producer.flush()
console.log(`${acknowledgedCount} of ${recordCount} records acknowledged`)
process.exitCode = acknowledgedCount === recordCount ? 0 : 1
