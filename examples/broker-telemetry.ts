import { otlpTelemetry } from '@linger/opentelemetry'
import { Producer } from '@linger/producer'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'

// A producer whose metrics the brokers collect, where they are set up for it. Usage: node broker-telemetry.ts [host:port]
await using producer = new Producer({
  bootstrapServers: process.argv[2] ?? 'localhost:9092',
  clientId: 'shop',
  telemetry: otlpTelemetry(ProtobufMetricsSerializer),
})

await producer.send({ topic: 'orders', key: 'user-123', value: 'two apples' })
// For the log: in the brokers' metrics this is the name of this process.
console.log(`the brokers call this producer ${await producer.clientInstanceId({ timeoutMs: 10_000 })}`)
