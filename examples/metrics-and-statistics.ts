import { Producer } from '@linger/producer'
import { pino } from 'pino'

// What a producer is doing, for a log: asked for, or told every second. Usage: node metrics-and-statistics.ts [host:port]
const log = pino({ base: null, timestamp: false })

await using producer = new Producer({
  bootstrapServers: process.argv[2] ?? 'localhost:9092',
  clientId: 'orders',
  statisticsIntervalMs: 1000,
  logger: log, // what an operator should know
})

const told = new Promise<void>((resolve) => {
  producer.on('statistics', ({ txmsgs, msg_cnt: unsettled, topics }) => {
    log.info({ txmsgs, unsettled, batches: topics['orders']?.batchcnt.cnt }, 'statistics')
    resolve()
  })
})
await producer.sendAll(Array.from({ length: 1000 }, (_, index) => ({ topic: 'orders', value: `order ${index}` })))

const { producer: all, topics } = producer.metrics()
log.info(
  {
    sent: all['record-send-total'],
    failed: all['record-error-total'],
    bufferIsEmpty: all['buffer-available-bytes'] === all['buffer-total-bytes'],
    toOrders: topics['orders']?.['record-send-total'],
  },
  'metrics',
)
await told
