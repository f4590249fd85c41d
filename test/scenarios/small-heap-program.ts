import { Producer } from '@linger/producer'

const VALUE_BYTES = 1_000

/**
 * Sends records as fast as they are taken, from a process whose heap a test has made small, and prints what became of
 * them.
 */
const [bootstrapServers = '', topic = '', recordCount = '0'] = process.argv.slice(2)
const producer = new Producer({ bootstrapServers })
let acknowledged = 0
let failed = 0
const count = (error: Error | null): void => {
  if (error === null) acknowledged += 1
  else failed += 1
}

for (let taken = 0; taken < Number(recordCount);) {
  if (producer.produce({ topic, value: String(taken).padEnd(VALUE_BYTES, '.') }, count)) taken += 1
  else await producer.drained()
}
await producer.close()
process.stdout.write(`${JSON.stringify({ acknowledged, failed })}\n`)
