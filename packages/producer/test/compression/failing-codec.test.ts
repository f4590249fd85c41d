import { expect, test } from 'vitest'
import { Producer, type Ports } from '../../src/index.ts'
import { World } from '../world/world.ts'

test.each([10, 200_000])('a batch of %i bytes that cannot be compressed is sent as it is', async (sizeBytes) => {
  const world = new World()
  const ports: Ports = {
    ...world.ports(),
    compression: {
      codecFor: () => ({
        id: 3,
        poolFromBytes: 65_536,
        compressSync: () => undefined,
        compress: (_pieces, onDone) => world.timeline.after(5, () => onDone(undefined)),
        decompress: (bytes) => bytes,
      }),
    },
  }
  const producer = new Producer({ bootstrapServers: 'broker-1:9092', compressionType: 'lz4' }, ports)
  await world.until(producer.send({ topic: 't', value: 'x'.repeat(sizeBytes) }))
  expect(world.batchesIn('t').map(({ compression }) => compression)).toEqual(['none'])
  expect(world.valuesIn('t')).toEqual(['x'.repeat(sizeBytes)])
})
