import { randomUUID } from 'node:crypto'
import { Producer, type ProducerConfig } from '@linger/producer'
import { fetch } from '@linger/protocol'
import { describe, expect, inject, test } from 'vitest'
import { BrokerConnection } from '../../demo/broker-connection.ts'
import { createTopic } from '../../demo/topic.ts'
import { jsonLines, randomBytes } from '../../packages/compression/test/contents.ts'
import { readBackAll } from '../real-kafka/index.ts'
import { hasKcat } from '../embedded-broker/run-kcat.ts'
import { kcatRead } from './kcat.ts'

const kafka = inject('kafka')

type Way = Pick<ProducerConfig, 'compressionType' | 'compressionGzipLevel' | 'compressionZstdLevel'>

const WAYS: readonly (readonly [name: string, id: number, way: Way])[] = [
  ['gzip', 1, { compressionType: 'gzip' }],
  ['gzip 1', 1, { compressionType: 'gzip', compressionGzipLevel: 1 }],
  ['gzip 9', 1, { compressionType: 'gzip', compressionGzipLevel: 9 }],
  ['snappy', 2, { compressionType: 'snappy' }],
  ['lz4', 3, { compressionType: 'lz4' }],
  ['zstd', 4, { compressionType: 'zstd' }],
  ['zstd -5', 4, { compressionType: 'zstd', compressionZstdLevel: -5 }],
  ['zstd 19', 4, { compressionType: 'zstd', compressionZstdLevel: 19 }],
]

/** From no byte to ten megabytes, alike and at random. */
const VALUES: readonly string[] = [
  '',
  'x',
  ...[100, 10_000, 300_000, 10_000_000].map((sizeBytes) =>
    jsonLines(sizeBytes).toString('latin1').replaceAll('\n', ' '),
  ),
  ...[100, 10_000, 300_000, 5_000_000].map((sizeBytes) => randomBytes(sizeBytes, sizeBytes).toString('hex')),
]

const ROOM_BYTES = 24_000_000

describe.skipIf(kafka === null)('a producer that compresses, on a real Kafka', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }

  test.each(WAYS)(
    'with %s: Java’s consumer and kcat read all of it, in order',
    { timeout: 120_000 },
    async (_, id, way) => {
      const topic = `compressed-${randomUUID()}`
      await createTopic(bootstrapServers, topic, 1, {
        'compression.type': 'producer',
        'max.message.bytes': `${ROOM_BYTES}`,
      })
      const limits = { maxRequestSize: ROOM_BYTES, bufferMemory: 4 * ROOM_BYTES }
      await using producer = new Producer({ bootstrapServers, ...limits, ...way, lingerMs: 5 })
      const sent = [...VALUES, ...Array.from({ length: 2_000 }, (_value, index) => `{"order":${index},"paid":true}`)]
      await producer.sendAll(sent.map((value) => ({ topic, partition: 0, value })))

      const read = await readBackAll({ bootstrapServers, topics: [topic] })
      expect(read.length).toBe(sent.length)
      for (const [index, { value }] of read.entries()) {
        expect(value !== null && Buffer.from(value).toString() === sent[index], `record ${index}`).toBe(true)
      }
      if (hasKcat) expect((await kcatRead(bootstrapServers, topic)).join('\n') === sent.join('\n')).toBe(true)
      expect(await codecsIn(bootstrapServers, topic)).toContain(id)
    },
  )
})

/** The compressions of the batches as they lie in the log. */
async function codecsIn(bootstrapServers: string, topic: string): Promise<Set<number>> {
  const connection = await BrokerConnection.open(bootstrapServers.split(',')[0] ?? '')
  const codecs = new Set<number>()
  try {
    for (let offset = 0n, isEnd = false; !isEnd;) {
      const partition = { partition: 0, fetchOffset: offset, partitionMaxBytes: 2 * ROOM_BYTES }
      const request = {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 4 * ROOM_BYTES,
        topics: [{ topic, partitions: [partition] }],
      }
      // Up to version 12 a topic goes by its name.
      const { responses } = await connection.ask(fetch, request, 12)
      const log = Buffer.from(responses[0]?.partitions[0]?.records ?? [])
      isEnd = log.length === 0
      for (let at = 0; at + 61 <= log.length; at += 12 + log.readInt32BE(at + 8)) {
        codecs.add(log.readInt16BE(at + 21) & 7)
        offset = log.readBigInt64BE(at) + BigInt(log.readInt32BE(at + 23)) + 1n
      }
    }
  } finally {
    connection.close()
  }
  return codecs
}
