import { expect, test } from 'vitest'
import { World } from '../world/world.ts'

// Buffers come in doubling sizes, so the last one of a batch may have more room than batchSize leaves.
test.each([600, 1_000, 100_000, 1_000_000])(
  'a batch of several records is never over a batchSize of %i bytes',
  async (batchSize) => {
    const world = new World()
    const producer = world.producer({ batchSize, lingerMs: 1_000 })
    const sent = Array.from({ length: 3_000 }, (_, i) =>
      producer.send({ topic: 't', partition: 0, value: 'x'.repeat(100 + ((i * 37) % 900)) }),
    )
    await world.until(producer.flush())
    await world.until(Promise.all(sent))
    const several = world.wire.batches.filter(({ batch }) => batch.records.length > 1)
    expect(several.length).toBeGreaterThan(0)
    expect(Math.max(...several.map(({ batch }) => batch.sizeBytes))).toBeLessThanOrEqual(batchSize)
  },
)
