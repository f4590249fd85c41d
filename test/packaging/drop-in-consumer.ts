// What a program that was written for KafkaJS does with the installed package. No type is written here, and no import but
// by name, so that it also is the JavaScript that the oldest Node imports, and requires.
import { startBroker } from '@linger/broker'
import { Kafka, KafkaJSNotImplemented, CompressionTypes } from '@linger/kafkajs'

async function main() {
  const broker = await startBroker()
  const kafka = new Kafka({ clientId: 'consumer', brokers: [broker.bootstrapServers], logLevel: 1 })
  const admin = kafka.admin()
  const isCreated = await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] })
  const producer = kafka.producer({ idempotent: true, transactionalId: 'consumer' })
  await producer.connect()
  const messages = [{ key: 'user-123', value: 'two apples', headers: { source: 'test' } }]
  const [sent] = await producer.send({ topic: 'orders', messages, compression: CompressionTypes.GZIP })
  const transaction = await producer.transaction()
  const [committed] = await transaction.send({ topic: 'orders', messages })
  await transaction.commit()
  await producer.disconnect()
  const [offsets] = await admin.fetchTopicOffsets('orders')
  await admin.disconnect()
  await broker.close()
  let refused = false
  try {
    kafka.consumer({ groupId: 'g' })
  } catch (error) {
    refused = error instanceof KafkaJSNotImplemented
  }
  console.log(JSON.stringify({ nodeVersion: process.version, isCreated, sent, committed, offsets, refused }))
}

void main()
