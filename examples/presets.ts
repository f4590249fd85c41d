import { presets, Producer } from '@linger/producer'

// Clicks are gathered for 20 ms and compressed; an order goes at once. Usage: node presets.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'clicks'] = process.argv

// What stands behind a preset overrides it.
await using clicks = new Producer({
  ...presets.analytics,
  bootstrapServers,
  clientId: 'clicks',
  bufferMemory: 64 << 20,
})
await using orders = new Producer({ ...presets.realTime, bootstrapServers, clientId: 'orders' })

const clicked = clicks.sendAll(Array.from({ length: 500 }, (_, page) => ({ topic, value: `/products/${page}` })))
await orders.send({ topic, key: 'user-123', value: 'ordered' })
console.log('the order is written')
console.log(`${(await clicked).length} clicks are written`)
