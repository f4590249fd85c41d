import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { BatchBuilder, Producer } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const TO = { topic: 't', partition: 0 }

/** A batch of these values. */
function batchOf(producer: Producer, ...values: string[]): BatchBuilder {
  const batch = producer.createBatch()
  for (const value of values) batch.append({ value })
  return batch
}

describe('append()', () => {
  test('says where the record is, and what the batch comes to', () => {
    const batch = new World().producer().createBatch()
    expect(batch.append({ value: 'a', timestamp: 1_000 })).toEqual({ index: 0, timestamp: 1_000, batchSizeBytes: 69 })
    expect(batch.append({ value: 'b', timestamp: 1_001 })).toEqual({ index: 1, timestamp: 1_001, batchSizeBytes: 77 })
    expect([batch.recordCount, batch.sizeBytes]).toEqual([2, 77])
  })

  test('answers undefined when the batch is full, at batchSize and not before', async () => {
    const world = new World()
    const producer = world.producer({ batchSize: 1_000 })
    const batch = producer.createBatch()
    while (batch.append({ value: 'x'.repeat(42) }) !== undefined);
    // 61 bytes of header, 50 or so for each record.
    expect([batch.recordCount, batch.sizeBytes > 950, batch.sizeBytes <= 1_000]).toEqual([19, true, true])
    expect(batch.append({ value: 'x'.repeat(42) })).toBeUndefined()
    const atLimit = 1_000 - batch.sizeBytes
    const lastValue = 'y'.repeat(atLimit - 7)
    expect(batch.append({ value: lastValue })).toMatchObject({ index: 19, batchSizeBytes: 1_000 })
    await world.until(producer.sendBatch(batch, TO))
    expect(world.batchesIn('t')).toHaveLength(1)
    expect(world.valuesIn('t').at(-1)).toBe(lastValue)
  })

  test('takes a record larger than batchSize as the only one, and refuses one over maxRequestSize', () => {
    const batch = new World().producer({ batchSize: 1_000, maxRequestSize: 10_000 }).createBatch()
    expect(() => batch.append({ value: 'x'.repeat(10_000) })).toThrow('over maxRequestSize (10000)')
    expect(batch.append({ value: 'x'.repeat(5_000) })).toMatchObject({ index: 0 })
    expect(batch.append({ value: 'x' })).toBeUndefined()
    expect(() => batch.append({ value: 'x'.repeat(10_000) })).toThrow('over maxRequestSize (10000)')
  })

  test('never grows beyond what bufferMemory can hold, with what its records cost', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    const batch = producer.createBatch()
    while (batch.append({ value: 'x' }) !== undefined);
    expect(await world.until(producer.sendBatch(batch, TO))).toBe(0)
    expect(world.valuesIn('t')).toHaveLength(batch.recordCount)
  })

  test('takes the bytes at once: changing them afterwards changes nothing', async () => {
    const world = new World()
    const producer = world.producer()
    const value = Buffer.from('before')
    const batch = producer.createBatch()
    batch.append({ key: 'k', value, headers: { h: 'x' } })
    value.write('after!')
    await world.until(producer.sendBatch(batch, TO))
    expect(world.recordsIn('t')[0]).toMatchObject({
      key: Buffer.from('k'),
      value: Buffer.from('before'),
      headers: [['h', Buffer.from('x')]],
    })
  })

  test('refuses records once the batch was closed or sent', () => {
    const producer = new World().producer()
    const [closed, sent] = [batchOf(producer, 'a'), batchOf(producer, 'a')]
    closed.close()
    expect(() => closed.append({ value: 'b' })).toThrow('append() to a batch that was closed')
    void producer.sendBatch(sent, TO)
    expect(() => sent.append({ value: 'b' })).toThrow('append() to a batch that was sent')
  })

  test('refuses what is no record, and stays as it was', () => {
    const batch = batchOf(new World().producer(), 'a')
    expect(() => batch.append(unchecked('b'))).toThrow('a record must be an object')
    expect(() => batch.append({ value: unchecked(5) })).toThrow('a value must be')
    expect(batch.recordCount).toBe(1)
  })
})

describe('sendBatch()', () => {
  test('answers the offset of its first record', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send('t', '0'))
    expect(await world.until(producer.sendBatch(batchOf(producer, '1', '2', '3'), TO))).toBe(1)
    expect(await world.until(producer.sendBatch(batchOf(producer, '4'), TO))).toBe(4)
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3', '4'])
  })

  test('leaves a second batch of the partition waiting for the first', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send('t', '0'))
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 1_000 }))
    const first = world.watch(producer.sendBatch(batchOf(producer, '1', '2'), TO))
    const second = world.watch(producer.sendBatch(batchOf(producer, '3', '4'), TO))
    await world.pass(900)
    expect(world.batchesIn('t'), 'the second one has not left').toHaveLength(2)
    await world.pass(10_000)
    expect([first(), second()]).toMatchObject([{ value: 1 }, { value: 3 }])
    expect(world.batchesIn('t').map(({ baseSequence }) => baseSequence)).toEqual([0, 1, 3])
  })

  test('keeps its place among records, also while the topic is unknown and memory is full', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    const sent: Promise<unknown>[] = []
    for (let round = 0; round < 30; round++) {
      sent.push(producer.send('t', `${round}a`.padEnd(9_000)))
      sent.push(producer.sendBatch(batchOf(producer, `${round}b`.padEnd(9_000), `${round}c`), TO))
    }
    await world.until(Promise.all(sent))
    const expected = Array.from({ length: 30 }, (_, round) => ['a', 'b', 'c'].map((letter) => `${round}${letter}`))
    expect(world.valuesIn('t').map((value) => value.trim())).toEqual(expected.flat())
  })

  test('lets the producer add records to an open batch, and none to a closed one', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 10 })
    await world.until(producer.partitionsFor('t'))
    const open = producer.sendBatch(batchOf(producer, '0'), TO)
    await world.until(Promise.all([open, producer.send('t', '1')]))
    expect(world.batchesIn('t').map(({ records }) => records.length)).toEqual([2])

    const closed = batchOf(producer, '2')
    closed.close()
    await world.until(Promise.all([producer.sendBatch(closed, TO), producer.send('t', '3')]))
    expect(world.batchesIn('t').map(({ records }) => records.length)).toEqual([2, 1, 1])
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3'])
  })

  test('is retried like any other, with the same sequence', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (_request, ordinal) => (ordinal <= 2 ? { kind: 'close-after' } : undefined))
    expect(await world.until(producer.sendBatch(batchOf(producer, 'a', 'b'), TO))).toBe(0)
    expect(world.valuesIn('t')).toEqual(['a', 'b'])
  })

  test('is compressed where the producer compresses', async () => {
    const world = new World()
    const producer = world.producer({ compressionType: 'gzip' })
    expect(await world.until(producer.sendBatch(batchOf(producer, 'a'.repeat(5_000), 'b'), TO))).toBe(0)
    expect(world.partition('t', 0).log.read(0, Infinity, true).length).toBeLessThan(500)
  })

  test('is split where the broker finds it too large, and answers only when all pieces are written', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 1, config: { 'max.message.bytes': '1000' } }] })
    const producer = world.producer()
    const values = Array.from({ length: 20 }, (_, index) => `${index}`.padEnd(200))
    expect(await world.until(producer.sendBatch(batchOf(producer, ...values), TO))).toBe(0)
    expect(world.valuesIn('t')).toEqual(values)
    expect(world.batchesIn('t').length).toBeGreaterThan(3)
  })

  test("of which a piece fails for good is 'unknown', and says how many records are written", async () => {
    const world = new World({ topics: [{ name: 't', partitions: 1, config: { 'max.message.bytes': '1000' } }] })
    const producer = world.producer()
    const error = await world.failureOf(producer.sendBatch(batchOf(producer, 'a', 'b', 'x'.repeat(2_000)), TO))
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', outcome: 'unknown' })
    expect(error.message).toContain("2 of the batch's 3 records are written")
    expect(world.valuesIn('t')).toEqual(['a', 'b'])
  })

  test.each<[string, (world: World, producer: Producer, batch: BatchBuilder) => Promise<unknown>, string]>([
    ['an empty batch', async (_, producer) => producer.sendBatch(producer.createBatch(), TO), 'needs a record'],
    [
      'what is no batch',
      async (_, producer) => producer.sendBatch(unchecked([]), TO),
      'needs what createBatch() gives',
    ],
    [
      'a partition that is none',
      async (_, producer, batch) => producer.sendBatch(batch, { topic: 't', partition: unchecked('0') }),
      'a partition must be',
    ],
    [
      'a partition that is not there',
      async (_, producer, batch) => producer.sendBatch(batch, { topic: 't', partition: 7 }),
      'there is no partition 7',
    ],
    [
      'a batch that was sent',
      async (world, producer, batch) => {
        await world.until(producer.sendBatch(batch, TO))
        return producer.sendBatch(batch, TO)
      },
      'can be sent once',
    ],
  ])('refuses %s', async (_name, send, says) => {
    const world = new World()
    const producer = world.producer()
    const error = await world.failureOf(send(world, producer, batchOf(producer, 'a')))
    expect([error.code, error.outcome, error.message]).toEqual([
      'INVALID_ARGUMENT',
      'never',
      expect.stringContaining(says),
    ])
  })

  test('after close() fails, and what waits at close() is told', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: 5_000 })
    const waiting = world.failureOf(producer.sendBatch(batchOf(producer, 'a', 'b'), { topic: 'missing', partition: 0 }))
    await world.until(producer.close({ timeoutMs: 100 }))
    expect(await waiting).toMatchObject({ code: 'CLOSED', outcome: 'never' })
    expect(await world.failureOf(producer.sendBatch(batchOf(producer, 'a'), TO))).toMatchObject({ code: 'CLOSED' })
  })

  test('of a topic that does not appear fails after maxBlockMs, and gives its memory back', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: 5_000, bufferMemory: 140_000, maxRequestSize: 100_000 })
    const batch = batchOf(producer, 'x'.repeat(60_000))
    const error = await world.failureOf(producer.sendBatch(batch, { topic: 'missing', partition: 0 }))
    expect(error).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', outcome: 'never' })
    expect(await world.until(producer.send('t', 'x'.repeat(60_000)))).toMatchObject({ offset: 0 })
  })

  test('is waited for by flush(), which counts its records', async () => {
    const world = new World()
    const producer = world.producer()
    void producer.sendBatch(batchOf(producer, 'a', 'b', 'c'), TO)
    expect(await world.until(producer.flush({ timeoutMs: 0 }))).toBe(3)
    expect(await world.until(producer.flush())).toBe(0)
    expect(world.valuesIn('t')).toEqual(['a', 'b', 'c'])
  })

  test('belongs to the transaction that is open', async () => {
    const world = new World()
    const producer = world.producer({ transactionalId: 'x' })
    await world.until(producer.initTransactions())
    expect(await world.failureOf(producer.sendBatch(batchOf(producer, 'a'), TO))).toMatchObject({
      code: 'INVALID_TRANSACTION_CALL',
    })
    producer.beginTransaction()
    await world.until(producer.sendBatch(batchOf(producer, 'b'), TO))
    await world.until(producer.commitTransaction())
    expect(world.batchesIn('t').map(({ isTransactional }) => isTransactional)).toEqual([true, true])
  })
})
