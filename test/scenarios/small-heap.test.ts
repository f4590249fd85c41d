import { startBroker } from '@linger/broker'
import { expect, test } from 'vitest'
import { startProgram } from '../run-program.ts'

const RECORDS = 200_000
/** Not much more than Node, its types and the engine need; the records come to six times bufferMemory. */
const HEAP_MB = 48

test('fault 64: a process with little heap sends many times its memory, and nothing fails', async () => {
  const topic = 'little-heap'
  const broker = await startBroker({ sink: true, topics: [{ name: topic, partitions: 6 }] })
  try {
    const { ended } = startProgram(
      'test/scenarios/small-heap-program.ts',
      [broker.bootstrapServers, topic, String(RECORDS)],
      { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` },
    )
    const { exitCode, stdout, stderr } = await ended
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ acknowledged: RECORDS, failed: 0 })
  } finally {
    await broker.close()
  }
})
