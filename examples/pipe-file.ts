import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ReadableStream } from 'node:stream/web'
import { Producer } from '@linger/producer'

// A file as a stream of records, with Node's streams or the web's. Usage: node pipe-file.ts HOST:PORT TOPIC FILE [node|web]
const [, , bootstrapServers = 'localhost:9092', topic = 'lines', file = 'lines.txt', kind = 'node'] = process.argv

async function* records(): AsyncGenerator<{ topic: string; value: string }> {
  for await (const value of createInterface(createReadStream(file))) yield { topic, value }
}

await using producer = new Producer({ bootstrapServers })
// The file is read as fast as the brokers take it. It ends when every line is acknowledged, and throws when one is not.
if (kind === 'web') await ReadableStream.from(records()).pipeTo(producer.writableStream())
else await pipeline(Readable.from(records()), producer.writable())
console.log('every line is written')
