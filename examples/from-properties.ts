import { readFileSync } from 'node:fs'
import { Producer } from '@linger/producer'

// The configuration of a Java producer, as it is. Usage: node from-properties.ts HOST:PORT TOPIC FILE
const [, , bootstrapServers = 'localhost:9092', topic = 'orders', file = 'producer.properties'] = process.argv

// What the file cannot say, or says otherwise: here, where this machine finds the brokers.
await using producer = Producer.fromProperties(readFileSync(file, 'utf8'), { bootstrapServers })

const { partition, offset } = await producer.send({ topic, key: 'user-123', value: 'tea' })
console.log(`written to partition ${partition} at offset ${offset}`)
