import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { topicConfigFrom } from '../../src/cluster/topic-config.ts'
import { PartitionLog } from '../../src/log/partition-log.ts'
import { BASE_TIMESTAMP } from '../record-batch.ts'

const CHECKED_FROM = 21
const UNLIMITED = 2 ** 31 - 1

/** Written by Kafka's own classes: test/java/ProducedBatches.java. */
const golden = readFileSync(join(import.meta.dirname, '../golden/produced-batches.txt'), 'utf8')
const batches = golden
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [name = '', count = '', hex = ''] = line.split(' ')
    return { name, count: Number(count), bytes: Buffer.from(hex, 'hex') }
  })

describe('a batch that Java wrote', () => {
  test.each(batches)('$name is taken and given back unchanged', ({ bytes, count }) => {
    const log = new PartitionLog()
    log.append(bytes, 0, topicConfigFrom({}), BASE_TIMESTAMP)
    expect(log.endOffset).toBe(count)
    const read = log.read(0, UNLIMITED, true)
    expect(Buffer.from(read.subarray(CHECKED_FROM))).toEqual(bytes.subarray(CHECKED_FROM))
  })

  test('all of one producer are in sequence, one after the other', () => {
    const log = new PartitionLog()
    const ofOneProducer = batches.filter(({ name }) => ['idempotent', 'lz4', 'snappy'].includes(name))
    for (const { bytes } of ofOneProducer) log.append(bytes, 0, topicConfigFrom({}), BASE_TIMESTAMP)
    expect(log.endOffset).toBe(600)
    expect(log.producers.get(4242n)).toMatchObject({ epoch: 7, lastSequence: 599 })
  })
})
