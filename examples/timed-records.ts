import { type KafkaError, Producer } from '@linger/producer'

// A position is worthless when it is old, and a reminder when it is early. Usage: node timed-records.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'timed'] = process.argv
await using producer = new Producer({ bootstrapServers })

// In memory until then: it is lost with this process.
const reminder = producer.send({ topic, key: 'user-123', value: 'remember the tea', delayMs: 500 })

// Handed to a broker within 10 s, or never.
await producer.send({ topic, key: 'user-123', value: 'at the gate', ttlMs: 10_000 })
console.log('sent at once')
await reminder
console.log('sent later')

// This one waits for others to make a batch with, longer than it may.
await using patient = new Producer({ bootstrapServers, lingerMs: 2_000 })
await patient.partitionsFor(topic)
await patient
  .send({ topic, key: 'user-123', value: 'at the door', ttlMs: 50 })
  .catch((error: KafkaError) => console.log(`too old: ${error.code}`))
