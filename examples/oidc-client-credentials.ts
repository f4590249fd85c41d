import { readFileSync } from 'node:fs'
import { KafkaError, Producer } from '@linger/producer'

// As a service that an OAuth server knows: its tokens are fetched, and renewed before they expire.
// Usage: CLIENT_SECRET=... node oidc-client-credentials.ts HOST:PORT TOKEN_URL CLIENT_ID CA_FILE [TOPIC]
const [
  ,
  ,
  bootstrapServers = 'localhost:9093',
  tokenEndpointUrl = '',
  clientId = 'orders',
  caFile = 'ca.pem',
  topic = 'orders',
] = process.argv
const ca = readFileSync(caFile)

const producer = new Producer({
  bootstrapServers,
  securityProtocol: 'SASL_SSL',
  ssl: { ca },
  sasl: {
    mechanism: 'OAUTHBEARER',
    clientCredentials: {
      tokenEndpointUrl,
      allowedUrls: [tokenEndpointUrl], // where it comes from a file that others write, list here what is right
      clientId,
      clientSecret: process.env['CLIENT_SECRET'] ?? '',
      scope: 'kafka',
      ca, // of the OAuth server
    },
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
