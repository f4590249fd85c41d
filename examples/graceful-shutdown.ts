import { createServer } from 'node:http'
import { Producer } from '@linger/producer'

// A service that writes each request to Kafka and loses none when it is told to stop.
// Usage: KAFKA=host:port PORT=8080 node graceful-shutdown.ts
const producer = new Producer({ bootstrapServers: process.env['KAFKA'] ?? 'localhost:9092' })
await producer.connect() // fail now, not at the first request

const server = createServer((request, response) => {
  producer.send({ topic: 'requests', value: request.url ?? '' }).then(
    ({ offset }) => response.end(`offset ${offset}\n`),
    (error: Error) => response.writeHead(503).end(`${error.message}\n`),
  )
})

process.once('SIGTERM', () => {
  // First no new requests, then what is on its way; the orchestrator's patience is the limit.
  server.close(() => {
    producer.close({ timeoutMs: 20_000 }).then(
      () => console.log('everything is written'),
      (error: Error) => console.error(error.message),
    )
  })
})

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`listening on ${address?.port}`)
})
