import { setTimeout as delay } from 'node:timers/promises'
import { Producer } from '@linger/producer'
import { parseWorkload } from '../../workload.ts'

/** What one record in every partition's open batch costs in memory: run with --expose-gc. */
const { bootstrapServers, topic, partitions, valueBytes, bufferMemory } = parseWorkload(process.argv[2] ?? '')
const LINGER_MS = 600_000

// A long linger keeps every record in its open batch while we look; `flush` then sends them all the same.
const producer = new Producer({
  bootstrapServers,
  bufferMemory,
  lingerMs: LINGER_MS,
  deliveryTimeoutMs: 2 * LINGER_MS,
})
const value = Buffer.alloc(valueBytes, 'x')
let settled = 0
let failed = 0
const done = (error: unknown): void => {
  if (error) failed += 1
  else settled += 1
}

await producer.partitionsFor(topic)
const before = await memoryInUse()
for (let partition = 0; partition < partitions;) {
  if (producer.produce({ topic, partition, value }, done)) partition += 1
  else await producer.drained()
}
const after = await memoryInUse()
const unsettled = partitions - settled - failed
await producer.flush()
await producer.close()

const bytesPerPartition = (after.heapBytes - before.heapBytes) / partitions
const rssBytesPerPartition = (after.rssBytes - before.rssBytes) / partitions
process.stdout.write(`${JSON.stringify({ bytesPerPartition, rssBytesPerPartition, unsettled, settled, failed })}\n`)

/** Objects and array buffers that are still referenced. */
async function memoryInUse(): Promise<{ heapBytes: number; rssBytes: number }> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc()
    await delay(50)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heapBytes: heapUsed + external, rssBytes: rss }
}
