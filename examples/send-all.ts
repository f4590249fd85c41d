import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Producer, type ProducerRecord, SendAllError } from '@linger/producer'

// Every line of a file becomes a record. Usage: node send-all.ts FILE [host:port]
const [, , file, bootstrapServers = 'localhost:9092'] = process.argv
if (file === undefined) throw new Error('usage: node send-all.ts FILE [host:port]')

async function* recordsIn(path: string): AsyncGenerator<ProducerRecord> {
  for await (const line of createInterface(createReadStream(path))) yield { topic: 'lines', value: line }
}

await using producer = new Producer({ bootstrapServers })
try {
  // Reads the file no faster than the brokers take it.
  const acknowledged = await producer.sendAll(recordsIn(file))
  console.log(`${acknowledged.length} lines written`)
} catch (error) {
  if (!(error instanceof SendAllError)) throw error
  for (const [index, result] of error.results.entries()) {
    if ('error' in result) console.error(`line ${index + 1}: ${result.error.message}`)
  }
  process.exitCode = 1
}
