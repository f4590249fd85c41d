import { KafkaError, Producer } from '@linger/producer'

// An order, its payment and the customer's notification become visible together, or none of them does.
// Usage: node order-payment-notification.ts [host:port]
const [, , bootstrapServers = 'localhost:9092'] = process.argv
await using producer = new Producer({ bootstrapServers, transactionalId: 'order-service-1' })

interface Order {
  readonly id: string
  readonly customer: string
  readonly amount: number
}

async function place(order: Order): Promise<void> {
  // Commits when the function has returned, aborts when it throws, and throws the same error on.
  await producer.transaction(async (tx) => {
    await tx.send({ topic: 'orders', key: order.id, value: JSON.stringify(order) })
    const receipt = charge(order)
    await tx.sendAll([
      { topic: 'payments', key: order.id, value: JSON.stringify({ order: order.id, receipt }) },
      { topic: 'notifications', key: order.customer, value: `order ${order.id} is paid, receipt ${receipt}` },
    ])
  })
}

/** A card that is declined after the order was sent: what was sent is never seen by readers of committed records. */
function charge({ id, amount }: Order): string {
  if (amount > 1_000) throw new Error('the card was declined')
  return `r-${id}`
}

for (const order of [
  { id: '1', customer: 'ada', amount: 20 },
  { id: '2', customer: 'bob', amount: 5_000 },
  { id: '3', customer: 'eve', amount: 30 },
]) {
  try {
    await place(order)
    console.log(`order ${order.id}: placed`)
  } catch (error) {
    console.log(`order ${order.id}: nothing was written, ${error instanceof Error ? error.message : String(error)}`)
    // Another instance has taken over this transactionalId: this one is finished.
    if (error instanceof KafkaError && error.fatal) throw error
  }
}
