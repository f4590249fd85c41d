import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer, Transaction } from '../../src/index.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { committedValues, transactionalProducer, transactionalWorld } from './transactional-world.ts'

const INVALID_RECORD = 87

const place = { topic: 't', partition: 0 }
const records = ['a', 'b', 'c'].map((value) => ({ ...place, value }))

/** Every way to send three records within a transaction, waited for or not. */
const WAYS: readonly (readonly [string, (tx: Transaction, producer: Producer) => Promise<unknown>])[] = [
  ['send(record)', async (tx) => Promise.all(records.map(async (record) => tx.send(record)))],
  [
    'send(topic, value, fields)',
    async (tx) => Promise.all(records.map(async ({ topic, partition, value }) => tx.send(topic, value, { partition }))),
  ],
  [
    'produce(record)',
    async (tx) =>
      Promise.all(
        records.map(
          async (record) =>
            new Promise<void>((resolve, reject) => {
              tx.produce(record, (error) => (error === null ? resolve() : reject(error)))
            }),
        ),
      ),
  ],
  ['sendAll(records)', async (tx) => tx.sendAll(records)],
  [
    'acks(records)',
    async (tx) => {
      for await (const ack of tx.acks(records)) if ('error' in ack) throw ack.error
    },
  ],
  ['writable()', async (tx) => pipeline(Readable.from(records), tx.writable())],
  ['writableStream()', async (tx) => ReadableStream.from(records).pipeTo(tx.writableStream())],
  [
    'sendBatch(batch)',
    async (tx, producer) => {
      const batch = producer.createBatch()
      for (const { value } of records) batch.append({ value })
      return tx.sendBatch(batch, place)
    },
  ],
  [
    'forTopic(topic).send()',
    async (tx) => {
      const topic = tx.forTopic('t')
      return Promise.all(records.map(async ({ partition, value }) => topic.send({ partition, value })))
    },
  ],
  ['forTopic(topic).sendAll()', async (tx) => tx.forTopic('t').sendAll(records)],
]

describe.each(WAYS)('within a transaction %s', (_name, send) => {
  test('is part of it: committed with it, and not without it', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    await world.until(producer.transaction(async (tx) => send(tx, producer)))
    expect(committedValues(world, 't')).toEqual(['a', 'b', 'c'])
    const aborted = producer.transaction(async (tx) => {
      await send(tx, producer)
      throw new Error('the application changed its mind')
    })
    await expect(world.until(aborted)).rejects.toThrow('changed its mind')
    expect(world.valuesIn('t')).toHaveLength(2 * (records.length + 1)) // with a marker each
    expect(committedValues(world, 't')).toEqual(['a', 'b', 'c'])
  })

  test('that fails makes the commit fail, though its own error was caught', async () => {
    const world = transactionalWorld(2)
    world.onRequest(produce, (request) => refuseProduce(request, INVALID_RECORD))
    const producer = transactionalProducer(world)
    const failed = producer.transaction(async (tx) => {
      await send(tx, producer).catch(() => 'told')
    })
    expect(await world.failureOf(failed)).toMatchObject({
      code: 'INVALID_RECORD',
      outcome: 'never',
      requiresAbort: true,
    })
  })

  test('has no place in it when it has ended', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    const left: Transaction[] = []
    await world.until(producer.transaction((tx) => void left.push(tx)))
    for (const tx of left)
      await expect(world.until(send(tx, producer))).rejects.toThrow(/a transaction that has ended/u)
    await world.until(producer.transaction(() => {}))
    expect(world.valuesIn('t')).toEqual([])
  })
})

test.each(WAYS.filter(([name]) => name.startsWith('send') || name.startsWith('for')))(
  '%s within a transaction is waited for by the commit',
  async (_name, send) => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    await world.until(producer.transaction((tx) => void send(tx, producer)))
    expect(committedValues(world, 't')).toEqual(['a', 'b', 'c'])
  },
)

test('beside the one that is open, the calls of another producer’s transaction have no place', async () => {
  const world = transactionalWorld(2)
  const producer = transactionalProducer(world)
  await world.until(
    producer.transaction(async () => {
      const batch = producer.createBatch()
      batch.append({ value: 'a' })
      const refused = { code: 'INVALID_TRANSACTION_CALL' }
      await expect(producer.sendBatch(batch, place)).rejects.toMatchObject(refused)
      await expect(producer.forTopic('t').send({ value: 'a' })).rejects.toMatchObject(refused)
    }),
  )
  expect(world.valuesIn('t')).toEqual([])
})
