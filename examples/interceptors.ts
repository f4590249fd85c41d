import { type Interceptor, Producer } from '@linger/producer'

// Every record gets a header, and what becomes of them is counted. Usage: node interceptors.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'visits'] = process.argv
const count = { sent: 0, written: 0, refused: 0 }

const source: Interceptor = {
  onSend: (record) => ({ ...record, headers: { source: 'web' } }),
}
const counter: Interceptor = {
  onSend: (record) => {
    count.sent++
    return record
  },
  onAcknowledgement: (error) => {
    if (error === null) count.written++
    else count.refused++
  },
}

const producer = new Producer({ bootstrapServers, interceptors: [source, counter] })
producer.produce({ topic, value: '/products/42' })
producer.produce({ topic, value: 'x'.repeat(2_000_000) }) // larger than maxRequestSize
await producer.close()
console.log(`${count.sent} sent, ${count.written} written, ${count.refused} refused`)
