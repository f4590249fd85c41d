import { KafkaError, Producer, withDeadLetters } from '@linger/producer'

// What can never be written goes to a topic of its own, with the reason. Usage: node dead-letters.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'orders'] = process.argv

const valueSerializer = (order: { readonly item: string; readonly count: number }): string => {
  if (order.count < 1) throw new Error(`count is ${order.count}`)
  return JSON.stringify(order)
}
await using orders = withDeadLetters(new Producer({ bootstrapServers, valueSerializer }), {
  topic: (name) => `${name}.dlq`,
  includeUnknown: false, // a record that may be in the log would else be in both
})

for (const value of [
  { item: 'tea', count: 2 },
  { item: 'coffee', count: 0 },
]) {
  try {
    await orders.send({ topic, key: 'user-123', value })
    console.log(`${value.item}: written`)
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    console.log(`${value.item}: ${error.code}`)
  }
}
