import { Kafka, logLevel } from 'kafkajs'
import { KafkaError, Producer } from '@linger/producer'

// Reads orders, writes invoices, and commits how far it has read together with what it wrote: each order gets exactly
// one invoice, whatever crashes. Usage: node consume-transform-produce.ts [host:port]; SIGTERM ends it.
const [, , bootstrapServers = 'localhost:9092'] = process.argv
const groupId = 'invoices'

// With autoCommit off, only the transactions below say how far the group has read.
const kafka = new Kafka({ brokers: bootstrapServers.split(','), clientId: groupId, logLevel: logLevel.ERROR })
// After a crash the group gives the partitions to the next member within sessionTimeout.
const consumer = kafka.consumer({ groupId, readUncommitted: false, sessionTimeout: 10_000 })
// Two that run at once need an id each. The same id after a restart ends what the process before left open.
const producer = new Producer({ bootstrapServers, transactionalId: `${groupId}-1` })
await producer.initTransactions()

await consumer.connect()
await consumer.subscribe({ topic: 'orders', fromBeginning: true })
// Told to the group's coordinator with the offsets: it refuses a consumer that has lost its partitions to another.
let member: { generationId?: number; memberId?: string } = {}
consumer.on(consumer.events.HEARTBEAT, ({ payload: { memberId, groupGenerationId } }) => {
  member = { memberId, generationId: groupGenerationId }
})

await consumer.run({
  autoCommit: false,
  eachBatch: async (payload) => {
    const { batch } = payload
    const { topic, partition, messages } = batch
    const invoices = messages.map(({ key, value }) => ({
      topic: 'invoices',
      key,
      value: `invoice for ${String(value)}`,
    }))
    const next = { topic, partition, offset: BigInt(batch.lastOffset()) + 1n }
    await payload.heartbeat()
    try {
      await producer.transaction(async (tx) => {
        await tx.sendAll(invoices)
        await tx.sendOffsets([next], { groupId, ...member })
      })
      console.log(`${invoices.length} invoices written`)
    } catch (error) {
      if (error instanceof KafkaError && error.fatal) process.exit(1) // another instance has taken over
      throw error // aborted: KafkaJS gives us the same messages again
    }
  },
})

process.once('SIGTERM', () => {
  void consumer.disconnect().then(async () => producer.close())
})
