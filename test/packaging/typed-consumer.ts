// A user's program in TypeScript, which the installed declarations must accept, and the line that they must refuse.
import { startBroker } from '@linger/broker'
import { Kafka, logLevel, Partitioners } from '@linger/kafkajs'
import { KafkaError, Producer, type ProducerRecord, type RecordMetadata, serializers } from '@linger/producer'

interface Order {
  readonly id: number
}

const broker = await startBroker()
const producer = new Producer<string, Order>({
  bootstrapServers: broker.bootstrapServers,
  keySerializer: (key) => Buffer.from(key),
  valueSerializer: serializers.json,
})
const record: ProducerRecord<string, Order> = { topic: 'orders', key: 'user-123', value: { id: 1 } }
export const sent: RecordMetadata = await producer.send(record).catch((error: unknown) => {
  throw error instanceof KafkaError && error.outcome === 'never' ? new Error(error.code) : error
})
// @ts-expect-error: an order has a number
await producer.send({ topic: 'orders', value: { id: 'one' } })
export const { offset }: RecordMetadata = await producer.transaction(async (transaction) =>
  transaction.send('orders', { id: 2 }, { key: 'user-123' }),
)
const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.ERROR })
await kafka.producer({ createPartitioner: Partitioners.LegacyPartitioner }).send({ topic: 'orders', messages: [] })
