import { AvroSerializer, SchemaRegistryClient, SerdeType } from '@confluentinc/schemaregistry'
import { KafkaError, Producer } from '@linger/producer'
import { withSchema } from '@linger/schemas'

// Avro, in the wire format of Confluent's Schema Registry. Usage: node schema-registry.ts [host:port] [registry URL]
const [, , bootstrapServers = 'localhost:9092', registryUrl = 'http://localhost:8081'] = process.argv

interface Order {
  readonly item: string
  readonly count: number
}

const schema = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'item', type: 'string' },
    { name: 'count', type: 'int' },
  ],
}

const client = new SchemaRegistryClient({ baseURLs: [registryUrl] })
await using producer = new Producer({
  bootstrapServers,
  valueSerializer: withSchema<Order>({
    client,
    schema: { schemaType: 'AVRO', schema: JSON.stringify(schema) },
    serializer: (config) => new AvroSerializer(client, SerdeType.VALUE, config),
  }),
})

for (const value of [
  { item: 'tea', count: 2 },
  { item: 'cake', count: 0.5 },
]) {
  try {
    const { offset } = await producer.send({ topic: 'orders', partition: 0, value })
    console.log(`${value.item}: offset ${offset}`)
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    console.log(`${value.item}: ${error.outcome} written. ${error.message}`)
  }
}
