import { COMPRESSION_TYPES, type CompressionType } from '@linger/compression'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { jsonLines, randomBytes } from '../../packages/compression/test/contents.ts'
import { ProduceConnection } from '../embedded-broker/produce-connection.ts'
import { readBackAll } from '../real-kafka/index.ts'
import { compressedBatch } from './compressed-batch.ts'
import { hasKcat } from '../embedded-broker/run-kcat.ts'
import { kcatRead } from './kcat.ts'

const kafka = inject('kafka')

const WAYS: readonly (readonly [name: string, type: CompressionType, level: number | undefined])[] = [
  ...COMPRESSION_TYPES.map((type) => [type, type, undefined] as const),
  ...[1, 9].map((level) => [`gzip ${level}`, 'gzip', level] as const),
  ...[-5, 19].map((level) => [`zstd ${level}`, 'zstd', level] as const),
]

/** Values of batches, from no byte to ten megabytes that hardly become less. */
const BATCHES: readonly (readonly string[])[] = [
  [''],
  ['one'],
  Array.from({ length: 5_000 }, (_, index) => jsonLines(100 + (index % 50)).toString('latin1')),
  Array.from({ length: 10 }, (_, index) => randomBytes(500_000, index).toString('hex')),
]

/** The broker reads each batch that it is given, and consumers read what it kept: as it came. */
describe.skipIf(kafka === null)('a real Kafka', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }
  let connection: ProduceConnection

  beforeAll(async () => {
    connection = await ProduceConnection.open(bootstrapServers)
  })

  afterAll(() => connection.close())

  test.each(WAYS)('takes %s, and Java’s consumer and kcat read it', async (_, type, level) => {
    const topic = `compression-${type}-${randomUUID()}`
    await connection.createTopic(topic, { 'compression.type': 'producer', 'max.message.bytes': '20000000' })
    for (const values of BATCHES) {
      const verdict = await connection.produce(topic, await compressedBatch(type, level, values), -1)
      expect(verdict, `${values.length} records`).toMatchObject({ errorCode: 0 })
    }

    const sent = BATCHES.flat()
    const read = await readBackAll({ bootstrapServers, topics: [topic] })
    expect(read.length).toBe(sent.length)
    for (const [index, { value }] of read.entries()) {
      expect(value !== null && Buffer.from(value).toString() === sent[index], `record ${index}`).toBe(true)
    }
    if (hasKcat) expect((await kcatRead(bootstrapServers, topic)).join('\n') === sent.join('\n')).toBe(true)
  })

  test('refuses a batch whose compressed records are damaged', async () => {
    const topic = `compression-damaged-${randomUUID()}`
    await connection.createTopic(topic, {})
    const values = Array.from({ length: 100 }, (_, index) => `value ${index}`)
    for (const type of COMPRESSION_TYPES) {
      const batch = await compressedBatch(type, undefined, values, (bytes) => bytes.subarray(0, -8))
      expect(await connection.produce(topic, batch, -1), type).not.toMatchObject({ errorCode: 0 })
    }
  })
})
