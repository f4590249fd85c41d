import { Producer, type Serializer, serializers } from '@linger/producer'

// Keys and values of types of their own. Usage: node serialized-orders.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'orders'] = process.argv

interface Order {
  readonly customer: string
  readonly items: readonly string[]
}

/** Of the library, or one's own: bytes or text of the data, or a promise of that. */
const sealed: Serializer<Order> = async (order) => {
  const bytes = new TextEncoder().encode(JSON.stringify(order))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return JSON.stringify({ order, sha256: Buffer.from(digest).toString('hex') })
}

await using plain = new Producer({
  bootstrapServers,
  keySerializer: serializers.int64,
  valueSerializer: serializers.json,
})
await plain.send(topic, { customer: 'ada', items: ['tea'] }, { key: 1n })

// Records whose bytes come later are sent in the order of the calls all the same.
await using seals = new Producer<bigint, Order>({
  bootstrapServers,
  keySerializer: serializers.int64,
  valueSerializer: sealed,
})
await Promise.all([
  seals.send({ topic, key: 1n, value: { customer: 'bob', items: ['coffee', 'milk'] } }),
  seals.send({ topic, key: 1n, value: { customer: 'eve', items: [] } }),
])
console.log('three orders are written')
