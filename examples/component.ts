import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { KafkaError, Producer } from '@linger/producer'

// A producer as a part of a larger program: records come in on one side; acknowledgements and errors come out on the
// other; and someone controls it. Here the lines of stdin do: `+text` is a record, and the others are commands.
// Usage: node component.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'events'] = process.argv

interface Event {
  readonly topic: string
  readonly value: string
}

const producer = new Producer({ bootstrapServers, clientId: 'component' })

// Input. What the producer has not read yet is in the stream's buffer; beyond it `write` says to wait.
const input = new PassThrough({ objectMode: true, highWaterMark: 1_000 })

// Control: while it is paused, nothing more is read from the input. What was sent goes on.
let resume = (): void => {}
let resumed: Promise<void> = Promise.resolve()
const pause = (): void => {
  resumed = new Promise((resolve) => {
    resume = resolve
  })
}
async function* read(): AsyncGenerator<Event> {
  for await (const event of input as AsyncIterable<Event>) {
    await resumed
    yield event
  }
}

/** Acknowledgements and errors, in the order of the input. Both could be stored elsewhere before the next is read. */
async function run(): Promise<void> {
  for await (const ack of producer.acks(read(), { windowCount: 100 })) {
    if ('metadata' in ack) console.log(`ack ${ack.record.value} ${ack.metadata.offset}`)
    else console.log(`error ${ack.record.value} ${ack.error.code} ${ack.error.outcome}`)
  }
}
const running = run()

/** Drains: no more input, then everything that is there, then the connections. */
async function drain(): Promise<void> {
  resume()
  input.end()
  await running
  await producer.close()
}

/** Discards: what was never sent fails with CLOSED and 'never', and is told like any error. Then no more input. */
async function kill(): Promise<void> {
  await producer.close({ timeoutMs: 0 })
  resume()
  input.end()
  await running
}

for await (const line of createInterface(process.stdin)) {
  if (line.startsWith('+')) {
    if (!input.write({ topic, value: line.slice(1) })) console.log('full')
  } else if (line === 'pause') pause()
  else if (line === 'resume') resume()
  else if (line === 'kill') {
    await kill()
    break
  } else if (line === 'drain') {
    await drain()
    break
  } else throw new KafkaError('INVALID_ARGUMENT', `there is no command ${line}`, { outcome: 'never' })
}
process.stdin.destroy() // nobody is listened to any more
console.log('ended')
