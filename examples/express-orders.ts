import { type KafkaError, Producer } from '@linger/producer'
import express from 'express'

// An order service: each order is in Kafka before it is confirmed. SIGTERM loses none.
// Usage: KAFKA=host:port PORT=8080 TOPIC=orders node express-orders.ts
const { KAFKA = 'localhost:9092', PORT = '8080', TOPIC = 'orders' } = process.env

interface Order {
  readonly customer: string
  readonly item: string
}

// One producer for all requests: those of one moment share a batch.
const producer = new Producer({
  bootstrapServers: KAFKA,
  clientId: 'order-service',
  valueSerializer: (order: Order) => JSON.stringify(order),
})
const orders = producer.forTopic(TOPIC)

const app = express()
app.use(express.json())

app.post<object, unknown, Order>('/orders', ({ body: order }, response) => {
  orders.send({ key: order.customer, value: order }).then(
    ({ partition, offset }) => response.status(201).json({ partition, offset }),
    ({ code, outcome }: KafkaError) =>
      // 'unknown': the order may have been placed, so the customer must not simply try again.
      response.status(outcome === 'never' ? 503 : 504).json({ error: code, outcome }),
  )
})

// Alive is who answers. Ready is who can write: no order has waited for long.
app.get('/live', (_request, response) => void response.json({ alive: true }))
app.get('/ready', (_request, response) => {
  const { state, isConnected, bufferedRecords, oldestUnsettledMs } = producer.health()
  const isReady = state === 'OPEN' && isConnected && oldestUnsettledMs < 10_000
  response.status(isReady ? 200 : 503).json({ state, isConnected, bufferedRecords, oldestUnsettledMs })
})

await producer.connect()
const server = app.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`listening on ${address?.port}`)
})

process.once('SIGTERM', () => {
  // First no new requests, then what is on its way.
  server.close(() => {
    producer.close({ timeoutMs: 20_000 }).then(
      () => console.log('everything is written'),
      (error: Error) => console.error(error.message),
    )
  })
})
