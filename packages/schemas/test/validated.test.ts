import { startBroker, type RunningBroker } from '@linger/broker'
import { Producer, serializers } from '@linger/producer'
import { readRecordBatches } from '@linger/protocol'
import { type } from 'arktype'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { validated } from '../src/index.ts'

interface Order {
  item: string
  lines: { count: number }[]
}

const zod = z.object({ item: z.string(), lines: z.array(z.object({ count: z.number() })) })
const valibot = v.object({ item: v.string(), lines: v.array(v.object({ count: v.number() })) })
const arktype = type({ item: 'string', lines: type({ count: 'number' }).array() })

let broker: RunningBroker

beforeAll(async () => {
  broker = await startBroker()
})

afterAll(() => broker.close())

function valuesIn(topic: string): string[] {
  const log = broker.broker.cluster.topicNamed(topic)?.partitions[0]?.log
  const batches = readRecordBatches(log?.read(0, Infinity, true) ?? Buffer.alloc(0))
  return batches.flatMap(({ records }) => records.map(({ value }) => String(value)))
}

describe.each([
  ['zod', validated(zod, serializers.json)],
  ['valibot', validated(valibot, serializers.json)],
  ['arktype', validated(arktype, serializers.json)],
])('with %s', (name, valueSerializer) => {
  test('a value that fits is written, and one that does not fails and names the field', async () => {
    const topic = `orders-${name}`
    await using producer = new Producer({ bootstrapServers: broker.bootstrapServers, valueSerializer })
    const order = { item: 'tea', lines: [{ count: 2 }] }
    const wrong: unknown = { item: 'tea', lines: [{ count: 2 }, { count: 'many' }] }
    assertOrder(wrong)
    await producer.send({ topic, partition: 0, value: order })
    const error: unknown = await producer.send({ topic, partition: 0, value: wrong }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never', retriable: false })
    expect(String(error)).toContain(topic)
    expect(String(error)).toContain('lines.1.count')
    await producer.send({ topic, partition: 0, value: order })
    expect(valuesIn(topic)).toEqual([JSON.stringify(order), JSON.stringify(order)])
  })
})

test('what the validator makes of a value is what is written', async () => {
  const schema = z.object({ item: z.string().trim(), count: z.coerce.number().default(1) })
  const serialize = validated(schema, serializers.json)
  expectTypeOf(serialize).parameter(0).toEqualTypeOf<z.input<typeof schema>>()
  expect(await serialize({ item: ' tea ' }, 'orders')).toBe('{"item":"tea","count":1}')
})

test('a validator that answers later keeps the order of the calls', async () => {
  let delayMs = 20
  const slow = v.pipeAsync(
    v.string(),
    v.checkAsync(async (value) => {
      delayMs -= 5
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      return value !== 'wrong'
    }, 'it is wrong'),
  )
  const valueSerializer = validated(slow, (text) => text)
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers, valueSerializer })
  const sent = ['a', 'b', 'wrong', 'c'].map((value) => producer.send({ topic: 'slow', partition: 0, value }))
  const outcomes = await Promise.allSettled(sent)
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(valuesIn('slow')).toEqual(['a', 'b', 'c'])
})

test('a value that is wrong in many places is told of five', () => {
  const schema = z.object(Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`field${index}`, z.string()])))
  const write = (): unknown => validated(schema, serializers.json)({}, 'orders')
  expect(write).toThrow(/(?:field\d.*){5}; and 3 more/u)
  expect(write).not.toThrow(/(?:field\d.*){6}/u)
})

/** What TypeScript would not let through. */
function assertOrder(_value: unknown): asserts _value is Order {}
