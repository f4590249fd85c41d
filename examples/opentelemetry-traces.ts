import { observeProducer, traceProducers } from '@linger/opentelemetry'
import { Producer } from '@linger/producer'
import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

// A request that sends a record: one trace, which goes on with whoever reads the record.
// Usage: node opentelemetry-traces.ts [host:port]. In a service an SDK does what these lines do, and sends spans away.
const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())

traceProducers()
await using producer = new Producer({ bootstrapServers: process.argv[2] ?? 'localhost:9092', clientId: 'shop' })
observeProducer(producer, { attributes: { 'client-id': 'shop' } })

await trace.getTracer('shop').startActiveSpan('POST /orders', async (span) => {
  await producer.send({ topic: 'orders', key: 'user-123', value: 'two apples' })
  span.end()
})

for (const { name, parentSpanContext, attributes } of exporter.getFinishedSpans()) {
  const partition = attributes['messaging.destination.partition.id']
  console.log(`${name}${parentSpanContext === undefined ? '' : `, within another, to partition ${String(partition)}`}`)
}
