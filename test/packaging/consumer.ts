// What a user's program does with the installed packages. No type is written here, so that it also is the JavaScript
// that the oldest Node runs.
import { startBroker } from '@linger/broker'
import { Producer } from '@linger/producer'
import { crc32cImplementation } from '@linger/protocol'

const broker = await startBroker()
const producer = new Producer({ bootstrapServers: broker.bootstrapServers, clientId: 'consumer' })
const metadata = await producer.send({ topic: 'orders', key: 'user-123', value: 'two apples' })
await producer.close()
await broker.close()

console.log(JSON.stringify({ nodeVersion: process.version, metadata, crc32cImplementation: crc32cImplementation() }))
