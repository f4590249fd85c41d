import { KafkaError, Producer } from '@linger/producer'

// What errors about topics say, and what to do about each. Usage: node topic-errors.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'orders'] = process.argv

// No broker is asked to create a topic, whatever it is willing to. One that appears within maxBlockMs is used.
await using producer = new Producer({ bootstrapServers, allowAutoTopicCreation: false, maxBlockMs: 2_000 })

for (const record of [
  { topic: `${topic}-missing`, value: 'tea' },
  { topic, value: 'x'.repeat(2_000_000) },
  { topic, value: 'tea', partition: 99 },
]) {
  try {
    await producer.send(record)
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    console.log(`${error.code} (${error.outcome}): ${error.message}\n`)
  }
}
