import { readFileSync } from 'node:fs'
import { KafkaError, Producer } from '@linger/producer'

// Encrypted, and as a user whose password never travels: each side proves to the other that it knows it.
// Usage: KAFKA_PASSWORD=... node tls-scram.ts HOST:PORT USER CA_FILE [TOPIC]
const [, , bootstrapServers = 'localhost:9093', username = 'orders', caFile = 'ca.pem', topic = 'orders'] = process.argv

const producer = new Producer({
  bootstrapServers,
  securityProtocol: 'SASL_SSL',
  ssl: { ca: readFileSync(caFile) }, // not needed if a public authority signed the brokers' certificates
  sasl: {
    mechanism: 'SCRAM-SHA-512',
    username,
    password: () => process.env['KAFKA_PASSWORD'] ?? '', // asked at each authentication, so it may change
  },
})

try {
  const { partition, offset } = await producer.send({ topic, value: 'tea' })
  console.log(`written to ${topic}-${partition} at offset ${offset}`)
} catch (error) {
  if (!(error instanceof KafkaError)) throw error
  console.error(`${error.code}: ${error.message}`) // has no secret in it
  process.exitCode = 1
} finally {
  await producer.close()
}
