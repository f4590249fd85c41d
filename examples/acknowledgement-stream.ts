import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Producer } from '@linger/producer'

// Every line of a file becomes a record, and what became of each is stored elsewhere, in the order of the lines: a
// program that reads that first could go on behind the last one.
// Usage: node acknowledgement-stream.ts HOST:PORT TOPIC FILE STORE
const [, , bootstrapServers = 'localhost:9092', topic = 'lines', file = 'lines.txt', store = 'acknowledged.csv'] =
  process.argv

async function* records(): AsyncGenerator<{ topic: string; value: string; line: number }> {
  let line = 0
  for await (const value of createInterface(createReadStream(file))) yield { topic, value, line: ++line }
}

await using producer = new Producer({ bootstrapServers })
const acknowledged = createWriteStream(store)
let [writtenCount, refusedCount] = [0, 0]

// Not read ahead of by more than a window: a loop that is slow makes the input slow.
for await (const ack of producer.acks(records(), { windowCount: 1_000 })) {
  if ('error' in ack) {
    refusedCount++
    acknowledged.write(`${ack.record.line},${ack.error.code},${ack.error.outcome}\n`)
  } else {
    writtenCount++
    acknowledged.write(`${ack.record.line},${ack.metadata.partition},${ack.metadata.offset}\n`)
  }
}
acknowledged.end()
console.log(`${writtenCount} written, ${refusedCount} refused`)
