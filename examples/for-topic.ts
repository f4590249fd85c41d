import { Producer } from '@linger/producer'

// The other ways to say what to send. Usage: node for-topic.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'visits'] = process.argv
await using producer = new Producer({ bootstrapServers })

// Topic and value first, and what else there is about the record, as an Express handler might.
await producer.send(topic, '/products/42', { key: 'user-123', headers: { agent: 'curl/8.5' } })

// One topic for all: its records need not name it.
const visits = producer.forTopic(topic)
const [first, second] = await Promise.all([
  visits.send({ key: 'user-123', value: '/cart' }),
  visits.send({ key: 'user-123', value: '/checkout' }),
])
const inOrder = (second.offset ?? 0) > (first.offset ?? 0)
console.log(`visits of user-123 are in partition ${first.partition}, in order: ${inOrder}`)
