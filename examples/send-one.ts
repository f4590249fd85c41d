import { KafkaError, Producer } from '@linger/producer'

// Usage: node send-one.ts [host:port]
const producer = new Producer({ bootstrapServers: process.argv[2] ?? 'localhost:9092' })

try {
  const { topic, partition, offset } = await producer.send({
    topic: 'orders',
    key: 'user-123',
    value: JSON.stringify({ item: 'tea', count: 2 }),
    headers: { 'trace-id': '0af7651916cd43dd8448eb211c80319c' },
  })
  console.log(`written to ${topic}-${partition} at offset ${offset}`)
} catch (error) {
  if (!(error instanceof KafkaError)) throw error
  // 'never': sending it again cannot write it twice. 'unknown': it may be in the log already.
  console.error(`${error.code}: ${error.message} (in the log: ${error.outcome})`)
  process.exitCode = 1
} finally {
  await producer.close()
}
