import { type RunningBroker, startBroker } from '@linger/broker'
import { COMPRESSION_TYPES, decompress } from '@linger/compression'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordBatch } from '../../packages/broker/test/record-batch.ts'
import { ProduceConnection } from '../embedded-broker/produce-connection.ts'
import { compressedBatch } from './compressed-batch.ts'
import { hasKcat } from '../embedded-broker/run-kcat.ts'
import { kcatRead } from './kcat.ts'
import { librdkafkaBatch, VALUES } from './librdkafka-batches.ts'

describe.skipIf(!hasKcat)('librdkafka', () => {
  let broker: RunningBroker

  beforeAll(async () => {
    broker = await startBroker()
  })

  afterAll(() => broker.close())

  test.each(COMPRESSION_TYPES.map((type, index) => ({ type, id: index + 1 })))(
    'writes $type that we read',
    async ({ type, id }) => {
      const batch = await librdkafkaBatch(broker, type)
      expect(batch.id).toBe(id)
      const content = decompress(type, batch.bytes, { maxBytes: 1_000_000 })
      let at = 0
      for (const value of VALUES) {
        const found = content.indexOf(value, at)
        expect(found, `${value} after byte ${at}`).toBeGreaterThanOrEqual(at)
        expect(found - at, `bytes before ${value}`).toBeLessThan(20) // a record's own fields
        at = found + value.length
      }
      expect(content.length - at).toBe(1) // no headers
    },
  )

  test.each(COMPRESSION_TYPES)('reads %s that we write', async (type) => {
    const topic = `ours-${type}`
    broker.broker.cluster.createTopic({ name: topic, partitions: 1 })
    const connection = await ProduceConnection.open(broker.bootstrapServers)
    for (const batch of [
      await compressedBatch(type, undefined, VALUES),
      recordBatch({ records: [{ value: 'end' }] }),
    ]) {
      expect(await connection.produce(topic, batch, -1)).toMatchObject({ errorCode: 0 })
    }
    connection.close()
    expect(await kcatRead(broker.bootstrapServers, topic)).toEqual([...VALUES, 'end'])
  })
})
