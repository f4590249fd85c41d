import { KafkaError, Producer } from '@linger/producer'
import fastify from 'fastify'

// An order service: each order is in Kafka before it is confirmed. SIGTERM loses none.
// Usage: KAFKA=host:port PORT=8080 TOPIC=orders node fastify-orders.ts
const { KAFKA = 'localhost:9092', PORT = '8080', TOPIC = 'orders' } = process.env

interface Order {
  readonly customer: string
  readonly item: string
}

const app = fastify()
// One producer for all requests: those of one moment share a batch.
const producer = new Producer({
  bootstrapServers: KAFKA,
  clientId: 'order-service',
  valueSerializer: (order: Order) => JSON.stringify(order),
})
const orders = producer.forTopic(TOPIC)

app.post<{ readonly Body: Order }>('/orders', async (request, reply) => {
  try {
    const { partition, offset } = await orders.send({ key: request.body.customer, value: request.body })
    return await reply.code(201).send({ partition, offset })
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    // 'unknown': the order may have been placed, so the customer must not simply try again.
    return reply.code(error.outcome === 'never' ? 503 : 504).send({ error: error.code, outcome: error.outcome })
  }
})

// Alive is who answers. Ready is who can write: no order has waited for long.
app.get('/live', () => ({ alive: true }))
app.get('/ready', (_request, reply) => {
  const { state, isConnected, bufferedRecords, oldestUnsettledMs } = producer.health()
  const isReady = state === 'OPEN' && isConnected && oldestUnsettledMs < 10_000
  return reply.code(isReady ? 200 : 503).send({ state, isConnected, bufferedRecords, oldestUnsettledMs })
})

// Fastify closes when no request is left; then nobody sends any more.
app.addHook('onClose', () => producer.close({ timeoutMs: 20_000 }))
process.once('SIGTERM', () => {
  app.close().then(
    () => console.log('everything is written'),
    (error: Error) => console.error(error.message),
  )
})

await producer.connect()
console.log(`listening on ${new URL(await app.listen({ host: '127.0.0.1', port: Number(PORT) })).port}`)
