import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { type DeadLetterProducer, DeadLetterError, serializers, withDeadLetters } from '../../src/index.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const INVALID_RECORD = 87
const TOPICS = [
  { name: 't', partitions: 2 },
  { name: 't.dlq', partitions: 1 },
]

const containing = (part: string): unknown => expect.stringContaining(part)

/** The letters, their headers as an object. */
function lettersIn(world: World): unknown[] {
  return world.recordsIn('t.dlq').map(({ key, value, headers, timestamp }) => ({
    key: key === null ? null : String(Buffer.from(key)),
    value: value === null ? null : String(Buffer.from(value)),
    timestamp: Number(timestamp),
    headers: Object.fromEntries(
      headers.map(([name, text]) => [name, text === null ? null : Buffer.from(text).toString()]),
    ),
  }))
}

/** Refuses what goes to the topic t, or answers nothing at all. */
function worldThatRefuses(how: 'refuse' | 'hang' = 'refuse'): World {
  const world = new World({ topics: TOPICS })
  world.onRequest(produce, (request, ordinal) => {
    if (ordinal > 1) return undefined
    return how === 'refuse' ? refuseProduce(request, INVALID_RECORD) : { kind: 'hang' }
  })
  return world
}

describe('a record that fails for good', () => {
  test('goes to the dead letters with all that it was, where it was to go and why it did not', async () => {
    const world = worldThatRefuses()
    const producer = withDeadLetters(world.producer())
    const failed = producer.send({
      topic: 't',
      key: 'k',
      value: 'v',
      partition: 1,
      timestamp: 5000,
      headers: { trace: '1' },
    })
    const error = await world.failureOf(failed)
    expect(error).toBeInstanceOf(DeadLetterError)
    expect(error).toMatchObject({
      code: 'INVALID_RECORD',
      outcome: 'never',
      message: containing('a dead letter is in t.dlq-0'),
      deadLetter: { topic: 't.dlq', partition: 0, offset: 0 },
      cause: { code: 'INVALID_RECORD' },
    })
    expect(lettersIn(world)).toEqual([
      {
        key: 'k',
        value: 'v',
        timestamp: 5000,
        headers: {
          trace: '1',
          'dead-letter.topic': 't',
          'dead-letter.partition': '1',
          'dead-letter.code': 'INVALID_RECORD',
          'dead-letter.outcome': 'never',
          'dead-letter.message': containing('t-1: 1 record, 1 attempt'),
        },
      },
    ])
  })

  test('tells of the partition that was chosen for it', async () => {
    const world = worldThatRefuses()
    const producer = withDeadLetters(world.producer({ partitioner: (topic) => (topic === 't' ? 1 : 0) }))
    await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(lettersIn(world)).toMatchObject([{ headers: { 'dead-letter.partition': '1' } }])
  })

  test('goes there once, whichever way it was sent', async () => {
    const world = new World({ topics: TOPICS })
    const producer = withDeadLetters(world.producer({ partitioner: (topic) => (topic === 't' ? 99 : 0) }))
    const record = (value: string): { topic: string; value: string } => ({ topic: 't', value })
    const told: unknown[] = []
    await world.until(world.producer().partitionsFor('t'))
    producer.produce(record('produce'), (error) => told.push(error?.code))
    const others: Promise<unknown>[] = [
      producer.send(record('send')),
      producer.sendAll([record('sendAll')]),
      producer.forTopic('t').send({ value: 'forTopic' }),
      producer
        .acks([record('acks')])
        .next()
        .then((ack) => Promise.reject(unchecked(ack.value))),
    ]
    const outcomes = others.map((one) => world.watch(one))
    expect(await world.until(producer.flush())).toBe(0)
    await world.untilTrue(() => told.length === 1 && outcomes.every((outcome) => outcome().state === 'rejected'))
    expect(told).toEqual(['INVALID_ARGUMENT'])
    expect(world.valuesIn('t.dlq').toSorted()).toEqual(['acks', 'forTopic', 'produce', 'send', 'sendAll'])
    expect(world.valuesIn('t')).toEqual([])
  })

  test('has the bytes of the call, and of its serializer', async () => {
    const world = worldThatRefuses()
    const producer = withDeadLetters(world.producer({ keySerializer: unchecked(serializers.int32) }))
    const value = Buffer.from('first')
    const failed = world.watch(producer.send({ topic: 't', key: unchecked(7), value }))
    value.write('other')
    await world.until(producer.flush())
    expect(failed().state).toBe('rejected')
    expect(world.recordsIn('t.dlq').map(({ key }) => key && Buffer.from(key).toString('hex'))).toEqual(['00000007'])
    expect(world.valuesIn('t.dlq')).toEqual(['first'])
  })

  test('that no serializer takes is there as text, and so is a header that is a number', async () => {
    const world = new World({ topics: TOPICS })
    const valueSerializer = (): never => {
      throw new Error('field price: a number is wanted')
    }
    const producer = withDeadLetters(world.producer({ valueSerializer }))
    const record = { topic: 't', value: unchecked({ price: 'dear' }), headers: { attempt: unchecked(3) } }
    expect(await world.failureOf(producer.send(record))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(lettersIn(world)).toMatchObject([
      {
        value: '{"price":"dear"}',
        headers: {
          attempt: '3',
          'dead-letter.message': containing('field price'),
          'dead-letter.partition': null,
        },
      },
    ])
  })
})

describe('the bytes of a dead letter', () => {
  const refuse = (): never => {
    throw new Error('does not fit')
  }

  test('are those of the key though the value cannot be written, and the other way round', async () => {
    const world = new World({ topics: TOPICS })
    const int64 = unchecked(serializers.int64)
    const inKey = withDeadLetters(world.producer({ keySerializer: int64, valueSerializer: refuse }))
    const inValue = withDeadLetters(world.producer({ keySerializer: refuse, valueSerializer: int64 }))
    const record = { topic: 't', key: unchecked(42n), value: unchecked(42n) }
    for (const producer of [inKey, inValue]) await world.failureOf(producer.send(record))
    const written = world.recordsIn('t.dlq').map(({ key, value }) => [key, value])
    const [bytes, digits] = [Buffer.from('000000000000002a', 'hex'), Buffer.from('42')]
    expect(written).toEqual([
      [bytes, digits],
      [digits, bytes],
    ])
  })

  test('have the digits of a bigint in what no serializer takes', async () => {
    const world = new World({ topics: TOPICS })
    const producer = withDeadLetters(world.producer({ valueSerializer: refuse }))
    await world.failureOf(producer.send({ topic: 't', value: unchecked({ id: 42n }) }))
    expect(world.valuesIn('t.dlq')).toEqual(['{"id":"42"}'])
  })

  test('are those of the call, in headers and ArrayBuffers too', async () => {
    const world = new World({ topics: TOPICS })
    const producer = withDeadLetters(world.producer({ partitioner: (topic) => (topic === 't' ? 99 : 0) }))
    const bytes = new TextEncoder().encode('first')
    const failed = world.failureOf(producer.send({ topic: 't', value: bytes.buffer, headers: { h: bytes } }))
    bytes.fill(0)
    await failed
    expect(lettersIn(world)).toMatchObject([{ value: 'first', headers: { h: 'first' } }])
  })

  test.each<[string, (producer: DeadLetterProducer) => Promise<unknown>, string[]]>([
    ['maxBlockMs', (producer) => producer.flush(), ['v']],
    ['a close that waits', (producer) => producer.close(), ['v']],
    ['a close that does not', (producer) => producer.close({ timeoutMs: 3_000 }), []],
  ])('are waited for no longer than until %s', async (_until, end, written) => {
    const world = new World({ topics: TOPICS })
    const answers: (string | Promise<string>)[] = ['v', new Promise<string>(() => {})]
    const valueSerializer = unchecked(() => Promise.resolve(answers.shift()))
    const producer = withDeadLetters(world.producer({ valueSerializer, lingerMs: 5_000, maxBlockMs: 10_000 }))
    await world.until(producer.producer.partitionsFor('t'))
    const sent = world.watch(producer.send({ topic: 't', value: 'v', ttlMs: 1_000 }))
    await world.pass(2_000)
    expect(sent().state).toBe('pending')
    await world.until(end(producer))
    await world.untilTrue(() => sent().state === 'rejected')
    expect(sent()).toMatchObject({ error: { code: 'EXPIRED' } })
    expect(world.valuesIn('t.dlq')).toEqual(written)
  })
})

describe('no dead letter is written of a record', () => {
  test.each<readonly [string, (world: World, producer: DeadLetterProducer) => Promise<unknown>]>([
    ['that was written', (_, producer) => producer.send({ topic: 't', value: 'v' })],
    [
      'that was taken back',
      (_, producer) => producer.send({ topic: 't', value: 'v' }, { signal: AbortSignal.abort() }),
    ],
    ['whose topic may yet appear', (_, producer) => producer.send({ topic: 'later', value: 'v' })],
    ['that is none', (_, producer) => producer.send(unchecked(undefined))],
    [
      'after the end',
      async (world, producer) => {
        await world.until(producer.close())
        return producer.send({ topic: 't', value: 'v' })
      },
    ],
  ])('%s', async (_, send) => {
    const world = new World({ topics: TOPICS })
    const producer = withDeadLetters(world.producer({ maxBlockMs: 1000 }))
    const sent = world.watch(send(world, producer))
    await world.untilTrue(() => sent().state !== 'pending')
    expect(world.valuesIn('t.dlq')).toEqual([])
  })

  test('that may be in the log, unless that is asked for', async () => {
    for (const includeUnknown of [false, true]) {
      const world = worldThatRefuses('hang')
      const producer = withDeadLetters(world.producer({ retries: 1, deliveryTimeoutMs: 30_000 }), { includeUnknown })
      const error = await world.failureOf(producer.send({ topic: 't', value: 'v' }))
      expect(error.outcome).toBe('unknown')
      expect(world.valuesIn('t.dlq')).toEqual(includeUnknown ? ['v'] : [])
    }
  })
})

describe('a dead letter', () => {
  test('that fails too is told with the record and in the log, and is not tried again', async () => {
    const world = new World({ topics: TOPICS })
    world.onRequest(produce, (request) => refuseProduce(request, INVALID_RECORD))
    const producer = withDeadLetters(world.producer())
    const error = await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(error).toMatchObject({
      code: 'INVALID_RECORD',
      deadLetter: undefined,
      deadLetterError: { code: 'INVALID_RECORD', message: containing('t.dlq-0') },
    })
    expect(world.wire.batches).toHaveLength(2)
    expect(world.logged.filter((line) => line.includes('its dead letter for t.dlq failed too'))).toHaveLength(1)
  })

  test('goes to the topic that is named, and a name that is none is told', async () => {
    const world = worldThatRefuses()
    const producer = withDeadLetters(world.producer(), { topic: () => 'not a topic' })
    expect(await world.failureOf(producer.send({ topic: 't', value: 'v' }))).toMatchObject({
      deadLetterError: { code: 'INVALID_ARGUMENT', message: containing('is not a topic name') },
    })
  })

  test('is waited for by close(), and by flush() no longer than it may take', async () => {
    const world = worldThatRefuses()
    const producer = withDeadLetters(world.producer({ lingerMs: 500 }), { topic: () => 't.dlq' })
    await world.until(producer.producer.partitionsFor('t.dlq'))
    const failed = world.watch(producer.send({ topic: 't', value: 'v' }))
    expect(await world.until(producer.flush({ timeoutMs: 100 }))).toBe(1)
    expect(failed().state).toBe('pending')
    await world.until(producer.close())
    expect(failed()).toMatchObject({ state: 'rejected', error: { deadLetter: { offset: 0 } } })
  })

  test.each([
    ['without interceptors', {}],
    ['with interceptors, which hear of the failure first', { interceptors: [{}] }],
  ])('is written before close() ends, %s', async (_how, config) => {
    const world = new World({ topics: ['t', 't.dlq'].map((name) => ({ name, partitions: 1 })) })
    const producer = world.producer(config)
    const letters = withDeadLetters(producer)
    await world.until(Promise.all([producer.partitionsFor('t'), producer.partitionsFor('t.dlq')]))
    world.watch(letters.send({ topic: 't', value: 'a', partition: 7 }))
    await world.until(letters.close())
    expect(world.valuesIn('t.dlq')).toEqual(['a'])
  })

  test('is refused within transactions', () => {
    const producer = new World().producer({ transactionalId: 'x' })
    expect(() => withDeadLetters(producer)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }))
  })
})
