import { gzipSync } from 'node:zlib'
import { afterEach, expect, test, vi } from 'vitest'
import { CompressionCodecs, CompressionTypes } from '../../src/index.ts'
import type { CompressionInput } from '../../src/compression/compression-codecs.ts'
import { failureOf, unchecked, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 1 }] })
const builtIn = { ...CompressionCodecs }

afterEach(() => {
  Object.assign(CompressionCodecs, builtIn)
})

async function send(compression: CompressionTypes): Promise<unknown[]> {
  const producer = local.kafka().producer()
  await producer.connect()
  try {
    return await producer.send({ topic: 'orders', compression, messages: [{ value: 'v'.repeat(1000) }] })
  } finally {
    await producer.disconnect()
  }
}

test.each(Object.entries(CompressionTypes))('%s is there without more', async (_, type) => {
  expect(await send(type)).toHaveLength(1)
})

test('a codec of the user takes the place of a built-in one', async () => {
  const compress = vi.fn(({ buffer }: CompressionInput) => Promise.resolve(gzipSync(buffer)))
  CompressionCodecs[CompressionTypes.GZIP] = () => ({ compress })
  expect(await send(CompressionTypes.GZIP)).toHaveLength(1)
  expect(compress).toHaveBeenCalledOnce()
  expect(Buffer.isBuffer(compress.mock.calls[0]?.[0].buffer)).toBe(true)
})

test('what a codec fails to compress is sent as it is', async () => {
  CompressionCodecs[CompressionTypes.GZIP] = () => ({ compress: () => Promise.reject(new Error('no')) })
  expect(await send(CompressionTypes.GZIP)).toHaveLength(1)
})

test('a built-in codec reads what it has written', async () => {
  const codec = unchecked(CompressionCodecs[CompressionTypes.GZIP]()) as {
    compress(input: CompressionInput): Promise<Buffer>
    decompress(bytes: Buffer): Promise<Buffer>
  }
  expect(await codec.decompress(await codec.compress({ buffer: Buffer.from('text') }))).toEqual(Buffer.from('text'))
})

test('a compression that does not exist is refused', async () => {
  expect(await failureOf(send(unchecked(7)))).toMatchObject({ name: 'KafkaJSNotImplemented' })
})
