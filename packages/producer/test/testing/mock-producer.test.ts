import { describe, expect, test } from 'vitest'
import { KafkaError, MockProducer, type Producer } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const refusal = new KafkaError('INVALID_RECORD', 'it was refused', { outcome: 'never' })

/** What somebody tests with it. */
async function placeOrder(producer: Pick<Producer, 'send'>, item: string): Promise<string> {
  const { offset } = await producer.send({ topic: 'orders', key: 'user-123', value: item })
  return `order ${offset}`
}

describe('a mock producer', () => {
  test('stands for a producer, keeps what was sent, and counts offsets per partition', async () => {
    const producer = new MockProducer()
    expect([await placeOrder(producer, 'tea'), await placeOrder(producer, 'coffee')]).toEqual(['order 0', 'order 1'])
    await producer.send('other', 'v', { partition: 3 })
    expect(producer.sent).toEqual([
      { topic: 'orders', key: 'user-123', value: 'tea' },
      { topic: 'orders', key: 'user-123', value: 'coffee' },
      { topic: 'other', value: 'v', partition: 3, key: undefined, headers: undefined, timestamp: undefined },
    ])
    producer.clear()
    expect(producer.sent).toEqual([])
  })

  test('fails the records that it is told to fail', async () => {
    const producer = new MockProducer({ errorFor: ({ value }) => (value === 'poison' ? refusal : undefined) })
    await expect(placeOrder(producer, 'poison')).rejects.toBe(refusal)
    const acks = []
    for await (const ack of producer.acks([
      { topic: 't', value: 'a' },
      { topic: 't', value: 'poison' },
    ]))
      acks.push(ack)
    expect(acks).toMatchObject([{ metadata: { offset: 0 } }, { error: { code: 'INVALID_RECORD' } }])
  })

  test('settles by hand where that is wanted, the first one first', async () => {
    const producer = new MockProducer({ autoAcknowledge: false })
    const told: string[] = []
    for (const value of ['a', 'b'])
      producer.produce({ topic: 't', value }, (error, metadata) =>
        told.push(`${value} ${error?.code ?? metadata?.offset}`),
      )
    expect(producer.health().bufferedRecords).toBe(2)
    expect([producer.settleNext(refusal), producer.settleNext(), producer.settleNext()]).toEqual([true, true, false])
    expect(told).toEqual(['a INVALID_RECORD', 'b 0'])
    const sent = producer.sendAll([{ topic: 't', value: 'c' }])
    await expect.poll(() => producer.sent.length).toBe(3)
    expect(await producer.flush()).toBe(0)
    expect(await sent).toMatchObject([{ offset: 1 }])
  })

  test('has no room while it is told so', async () => {
    const producer = new MockProducer()
    producer.isFull = true
    expect(producer.produce({ topic: 't', value: 'v' })).toBe(false)
    const sent = producer.send({ topic: 't', value: 'v' })
    expect(producer.sent).toEqual([])
    producer.isFull = false
    expect(await sent).toMatchObject({ offset: 0 })
  })

  test('refuses what a producer refuses, and everything once it is closed', async () => {
    const producer = new MockProducer()
    for (const record of [undefined, { topic: '' }, { topic: 't', headers: { n: 5 } }, { topic: 't', partition: -1 }]) {
      await expect(producer.send(unchecked(record))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    const told = new Promise((resolve) => producer.produce(unchecked({ topic: 5 }), resolve))
    expect(await told).toMatchObject({ code: 'INVALID_ARGUMENT' })
    await producer.close()
    await expect(producer.send({ topic: 't' })).rejects.toMatchObject({ code: 'CLOSED', outcome: 'never' })
    expect(() => producer.produce({ topic: 't' })).toThrow('after close()')
  })

  test('that is closed at once tells so of what was not settled', async () => {
    const producer = new MockProducer({ autoAcknowledge: false })
    const sent = producer.send({ topic: 't', value: 'v' })
    await Promise.all([expect(sent).rejects.toMatchObject({ code: 'CLOSED' }), producer.close({ timeoutMs: 0 })])
  })

  test('that is closed fails who waits for room, and takes nothing from there on', async () => {
    const producer = new MockProducer()
    producer.isFull = true
    const sent = producer.send({ topic: 't', value: 'v' })
    await Promise.all([
      expect(sent).rejects.toMatchObject({ code: 'CLOSED', outcome: 'never' }),
      producer.drained(),
      producer.close(),
    ])
    expect(producer.sent).toEqual([])
  })

  test('knows signals: nothing is sent after an abort', async () => {
    const producer = new MockProducer()
    const record = { topic: 't', value: 'v' }
    const isAborted = { code: 'ABORTED', outcome: 'never' }
    await expect(producer.send(record, { signal: AbortSignal.abort() })).rejects.toMatchObject(isAborted)
    producer.isFull = true
    const abort = new AbortController()
    const sent = producer.send(record, { signal: abort.signal })
    abort.abort()
    producer.isFull = false
    await expect(sent).rejects.toMatchObject(isAborted)
    expect(producer.sent).toEqual([])
  })

  test.each([{ delayMs: -1 }, { ttlMs: 0 }, { deliverAt: Number.NaN }, { delayMs: 1, deliverAt: 1 }])(
    'refuses a record with %j, as a producer does',
    async (timing) => {
      const record = { topic: 't', value: 'v', ...timing }
      const isRefused = { code: 'INVALID_ARGUMENT', outcome: 'never' }
      for (const producer of [new MockProducer(), new World().producer()])
        await expect(producer.send(record)).rejects.toMatchObject(isRefused)
      await expect(
        new MockProducer().send({ ...record, ttlMs: 1, delayMs: 1, deliverAt: undefined }),
      ).resolves.toBeDefined()
    },
  )

  test('takes a record back by its signal until it is settled, also while there is no room', async () => {
    const producer = new MockProducer({ autoAcknowledge: false })
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()]
    const kept = producer.send({ topic: 't', value: 'a' }, { signal: first.signal })
    const taken = producer.send({ topic: 't', value: 'b' }, { signal: second.signal })
    second.abort()
    await expect(taken).rejects.toMatchObject({ code: 'ABORTED', outcome: 'never' })
    producer.isFull = true
    const waiting = producer.send({ topic: 't', value: 'c' }, { signal: third.signal })
    third.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', outcome: 'never' })
    producer.isFull = false
    expect([producer.settleNext(), producer.settleNext()]).toEqual([true, false])
    first.abort()
    await expect(kept).resolves.toMatchObject({ offset: 0 })
    expect(producer.sent).toEqual([{ topic: 't', value: 'a' }])
  })

  test('flushes what was sent before, and not what callbacks send', async () => {
    const producer = new MockProducer({ autoAcknowledge: false })
    let count = 0
    const next = (): void => {
      if (++count < 1000) producer.produce({ topic: 't', value: 'v' }, next)
    }
    producer.produce({ topic: 't', value: 'v' }, next)
    await producer.flush()
    expect(count).toBe(1)
    await producer.flush()
    expect(count).toBe(2)
  })
})
