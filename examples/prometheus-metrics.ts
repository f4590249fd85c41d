import { createServer } from 'node:http'
import { Producer } from '@linger/producer'
import { ProducerCollector } from '@linger/prometheus'
import { register } from 'prom-client'

// GET /metrics shows what the producer is doing; anything else is written to Kafka. Environment: KAFKA (host:port), PORT
const producer = new Producer({ bootstrapServers: process.env['KAFKA'] ?? 'localhost:9092' })
new ProducerCollector().add('requests', producer)

const server = createServer((request, response) => {
  if (request.url === '/metrics') {
    void register.metrics().then((text) => response.setHeader('content-type', register.contentType).end(text))
    return
  }
  const isTaken = producer.produce({ topic: 'requests', value: `${request.method} ${request.url}` }, (error) => {
    response.writeHead(error === null ? 200 : 503).end()
  })
  if (!isTaken) response.writeHead(503).end() // the buffer is full
})

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening on ${typeof address === 'object' ? address?.port : address}`)
})

process.once('SIGTERM', () => {
  server.close(() => void producer.close())
})
