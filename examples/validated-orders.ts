import { KafkaError, Producer, serializers } from '@linger/producer'
import { validated } from '@linger/schemas'
import { z } from 'zod'

// What does not fit the schema is not sent. Usage: node validated-orders.ts [host:port]
const Order = z.object({
  customer: z.string().trim().min(1),
  lines: z.array(z.object({ item: z.string(), count: z.number().int().positive() })).min(1),
})

await using producer = new Producer({
  bootstrapServers: process.argv[2] ?? 'localhost:9092',
  valueSerializer: validated(Order, serializers.json),
})

const orders: z.input<typeof Order>[] = [
  { customer: ' ada ', lines: [{ item: 'tea', count: 2 }] },
  { customer: 'bob', lines: [{ item: 'cake', count: 0 }] },
]
for (const value of orders) {
  try {
    const { offset } = await producer.send({ topic: 'orders', partition: 0, value })
    console.log(`${value.customer.trim()}: offset ${offset}`)
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    console.log(`${value.customer.trim()}: ${error.outcome} written. ${error.message}`)
  }
}
