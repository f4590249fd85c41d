import { tracingChannel } from 'node:diagnostics_channel'
import { Producer, type RequestTrace } from '@linger/producer'

// Looks on at every request of every producer of the process, without a word to them. Usage: node diagnostics-channel.ts [host:port]
const startedMs = new WeakMap<RequestTrace, number>()
const asked: string[] = []

tracingChannel<unknown, RequestTrace>('linger:request').subscribe({
  start: (request) => void startedMs.set(request, performance.now()),
  end() {},
  asyncStart() {},
  asyncEnd(request) {
    const tookMs = performance.now() - (startedMs.get(request) ?? NaN)
    asked.push(
      `${request.apiName} v${request.apiVersion} to ${request.nodeId}: ${tookMs < 30_000 ? 'answered' : 'late'}`,
    )
  },
  error: ({ apiName, error }) => console.error(`${apiName}: ${error?.message}`),
})

await using producer = new Producer({ bootstrapServers: process.argv[2] ?? 'localhost:9092' })
await producer.send({ topic: 'orders', value: 'two apples' })
console.log(asked.join('\n'))
