import { Kafka, type KafkaJSError, type Producer } from '@linger/kafkajs' // was: from 'kafkajs'
import express from 'express'

// A service that was written for KafkaJS: it publishes what happens to orders. Only the import was changed.
// Usage: KAFKA=host:port PORT=8080 node orders-from-kafkajs.ts
const kafka = new Kafka({ clientId: 'order-service', brokers: [process.env['KAFKA'] ?? 'localhost:9092'] })
const producer: Producer = kafka.producer({ idempotent: true })

const EVENTS: Readonly<Record<string, string>> = {
  created: 'order-created',
  shipped: 'order-shipped',
  cancelled: 'order-cancelled',
}

const app = express()
app.use(express.json())

app.post('/orders/:id/:event', (request, response) => {
  const { id, event } = request.params
  const topic = EVENTS[event]
  if (topic === undefined) {
    response.status(404).json({ error: `there is no event ${event}` })
    return
  }
  const value = JSON.stringify({ id, at: new Date().toISOString() })
  producer.send({ topic, messages: [{ key: id, value, headers: { source: 'orders' } }] }).then(
    ([written]) => response.status(201).json(written),
    (error: KafkaJSError) => response.status(503).json({ error: error.message, retriable: error.retriable }),
  )
})

await producer.connect()
const server = app.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`listening on ${address?.port}`)
})

process.once('SIGTERM', () => {
  server.close(() => {
    producer.disconnect().then(
      () => console.log('everything is written'),
      (error: Error) => console.error(error.message),
    )
  })
})
