import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { compressionCodecFor } from '@linger/compression'
import { nodePorts, Producer, type Compression } from '@linger/producer'
import { afterEach, expect, test, vi } from 'vitest'
import { CompressionCodecs, CompressionTypes } from '../../src/index.ts'
import type { CompressionInput } from '../../src/compression/compression-codecs.ts'
import { CompressionWithUserCodecs } from '../../src/compression/compression-with-user-codecs.ts'
import { failureOf, unchecked, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({
  topics: [
    { name: 'orders', partitions: 1 },
    { name: 'narrow', partitions: 1, config: { 'max.message.bytes': '2000' } },
  ],
})
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

test('a codec of the user does without the library it stands in for, also for a batch that is taken apart', async () => {
  const codec = compressionCodecFor('lz4')
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: ({ buffer }: CompressionInput) => codec.compress([buffer]),
  })
  const withoutLibraries: Compression = {
    codecFor: () => {
      throw new Error('lz4 needs the package lz4-napi')
    },
  }
  const producer = new Producer(
    { bootstrapServers: local.bootstrapServers, compressionType: 'lz4' },
    { ...nodePorts(), compression: new CompressionWithUserCodecs(withoutLibraries) },
  )
  // Together they are too large for the topic, so that they are sent again in smaller batches.
  const values = Array.from({ length: 8 }, () => Buffer.concat([randomBytes(500), Buffer.alloc(500)]))
  try {
    await Promise.all(values.map((value) => producer.send({ topic: 'narrow', value })))
  } finally {
    await producer.close()
  }
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
