import { describe, expect, test } from 'vitest'
import type { ProducerRecord } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

describe("a record that can never work is rejected with 'never', and the rest is unharmed:", () => {
  test.each<[string, unknown, RegExp]>([
    ['no topic', { value: 'v' }, /needs a topic.*not undefined/],
    ['an empty topic', { topic: '' }, /needs a topic.*not ""/],
    ['a number as topic', { topic: 5 }, /needs a topic.*not the number 5/],
    ['a topic with a space', { topic: 'a b' }, /"a b" is not a topic name/],
    ['a topic of dots', { topic: '..' }, /is not a topic name/],
    ['a topic of 250 letters', { topic: 'x'.repeat(250) }, /is not a topic name/],
    ['a number as value', { topic: 't', value: 5 }, /t: a value must be a string, Uint8Array.*not the number 5/],
    ['an object as value', { topic: 't', value: { a: 1 } }, /a value must be.*not an object/],
    ['true as key', { topic: 't', key: true }, /a key must be.*not the boolean true/],
    ['an array of numbers as value', { topic: 't', value: [1, 2] }, /a value must be/],
    ['16-bit numbers as value', { topic: 't', value: new Uint16Array(2) }, /a value must be/],
    ['text for headers', { topic: 't', headers: 'a=b' }, /headers must be an object or a list of pairs, not "a=b"/],
    ['null for headers', { topic: 't', headers: null }, /headers must be an object or a list of pairs, not null/],
    ['a number in a header', { topic: 't', headers: { a: 5 } }, /header \(a\) must be.*not the number 5/],
    ['a header that is no pair', { topic: 't', headers: ['a'] }, /\[name, value\] pair.*not "a"/],
    ['a header without a name', { topic: 't', headers: [[5, 'v']] }, /pair with a string as name/],
    ['a Map as headers', { topic: 't', headers: new Map([['a', 'b']]) }, /headers must be/],
    ['a negative partition', { topic: 't', partition: -1 }, /a partition must be an integer from 0, not the number -1/],
    ['half a partition', { topic: 't', partition: 0.5 }, /a partition must be an integer/],
    ['text for a partition', { topic: 't', partition: '0' }, /a partition must be an integer from 0, not "0"/],
    [
      'a partition that does not exist',
      { topic: 't', partition: 1 },
      /t: there is no partition 1; the topic has 0 to 0/,
    ],
    ['a Date as timestamp', { topic: 't', timestamp: new Date(0) }, /a timestamp must be milliseconds.*not an object/],
    ['a negative timestamp', { topic: 't', timestamp: -1 }, /a timestamp must be/],
    ['NaN as timestamp', { topic: 't', timestamp: Number.NaN }, /a timestamp must be/],
    ['nothing at all', undefined, /a record must be an object, not undefined/],
    ['null', null, /a record must be an object, not null/],
    ['text', 'v', /a record must be an object, not "v"/],
  ])('%s', async (_name, invalid, message) => {
    const world = new World()
    const producer = world.producer()
    const record: ProducerRecord = unchecked(invalid)
    const error = world.failureOf(producer.send(record))
    const good = producer.send({ topic: 't', value: 'good' })
    expect(await error).toMatchObject({
      name: 'KafkaError',
      code: 'INVALID_ARGUMENT',
      outcome: 'never',
      retriable: false,
    })
    expect((await error).message).toMatch(message)
    expect(await world.until(good)).toMatchObject({ offset: 0 })

    const errors: (string | undefined)[] = []
    expect(
      producer.produce(record, (failure) => errors.push(failure?.code)),
      'produce() takes it',
    ).toBe(true)
    expect(errors, 'and tells later').toEqual([])
    await world.pass(500)
    expect(errors).toEqual(['INVALID_ARGUMENT'])
  })
})

describe('a record arrives as it was given:', () => {
  const bytes = Uint8Array.of(0, 255, 128)
  test.each<[string, Omit<ProducerRecord, 'topic'>, [string | null, string | null]]>([
    ['strings', { key: 'k', value: 'v' }, ['k', 'v']],
    ['characters of several bytes', { key: 'ключ', value: 'å€😀' }, ['ключ', 'å€😀']],
    ['half a character becomes a replacement', { value: '\ud800' }, [null, '\ufffd']],
    ['null', { key: null, value: null }, [null, null]],
    ['nothing', {}, [null, null]],
    ['empty is not null', { key: '', value: new Uint8Array() }, ['', '']],
    ['bytes', { value: bytes }, [null, Buffer.from(bytes).toString('latin1')]],
    ['a view into a larger buffer', { value: Buffer.from('xxabcxx').subarray(2, 5) }, [null, 'abc']],
    ['an ArrayBuffer', { key: Uint8Array.from(Buffer.from('key')).buffer, value: 'v' }, ['key', 'v']],
  ])('%s', async (name, record, [key, value]) => {
    const world = new World()
    await world.until(world.producer().send({ topic: 't', ...record }))
    const [stored] = world.recordsIn('t')
    const text = (stored?: Uint8Array | null): string | null =>
      stored === null || stored === undefined
        ? null
        : Buffer.from(stored).toString(name === 'bytes' ? 'latin1' : 'utf8')
    expect([text(stored?.key), text(stored?.value)]).toEqual([key, value])
  })

  test.each<[string, ProducerRecord['headers'], [string, string | null][]]>([
    [
      'an object',
      { b: '2', a: Buffer.from('1'), none: null },
      [
        ['b', '2'],
        ['a', '1'],
        ['none', null],
      ],
    ],
    [
      'pairs, with a name that repeats',
      [
        ['x', '1'],
        ['x', '2'],
        ['', ''],
      ],
      [
        ['x', '1'],
        ['x', '2'],
        ['', ''],
      ],
    ],
    ['none', [], []],
  ])('headers: %s', async (_name, headers, expected) => {
    const world = new World()
    await world.until(world.producer().send({ topic: 't', ...(headers === undefined ? {} : { headers }) }))
    const [stored] = world.recordsIn('t')
    expect(stored?.headers.map(([key, value]) => [key, value === null ? null : Buffer.from(value).toString()])).toEqual(
      expected,
    )
  })
})

describe('fault 66: bytes are taken at the call:', () => {
  const overwrite = (buffers: readonly Uint8Array[]): void => buffers.forEach((buffer) => buffer.fill(0x21))

  test.each(['known', 'unknown'])('changing them later changes nothing, topic %s', async (kind) => {
    const world = new World()
    const producer = world.producer({ lingerMs: 50 })
    if (kind === 'known') await world.until(producer.partitionsFor('t'))
    const key = Buffer.from('key')
    const value = Buffer.from('value')
    const header = Buffer.from('header')
    const sent = producer.send({ topic: 't', key, value, headers: { h: header } })
    overwrite([key, value, header])
    await world.until(sent)
    const [stored] = world.recordsIn('t')
    expect(
      [stored?.key, stored?.value, stored?.headers[0]?.[1]].map((bytes) => Buffer.from(bytes ?? []).toString()),
    ).toEqual(['key', 'value', 'header'])
  })

  test('also while the record waits for memory', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    const values = ['a', 'b', 'c', 'd'].map((letter) => Buffer.alloc(90_000, letter))
    const sent = values.map((value) => producer.send({ topic: 't', value }))
    overwrite(values)
    await world.until(Promise.all(sent))
    expect(
      world
        .valuesIn('t')
        .slice(1)
        .map((value) => value[0] ?? ''),
    ).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('produce()', () => {
  test('never runs its callback inside the call, and runs it once', async () => {
    const world = new World()
    const producer = world.producer()
    let isInside = false
    const calls: boolean[] = []
    const produceOne = (): void => {
      isInside = true
      producer.produce({ topic: 't', value: 'v' }, () => calls.push(isInside))
      isInside = false
    }
    produceOne()
    await world.until(producer.flush())
    produceOne()
    await world.until(producer.flush())
    await world.pass(1000)
    expect(calls).toEqual([false, false])
  })

  test('a callback that throws is an uncaught exception and disturbs nobody else', async () => {
    const world = new World()
    const uncaught: unknown[] = []
    world.timeline.onUncaught = (error) => uncaught.push(error)
    const producer = world.producer()
    const done: string[] = []
    for (const value of ['1', '2', '3']) {
      producer.produce({ topic: 't', value }, () => {
        done.push(value)
        if (value !== '3') throw new Error(`callback ${value}`)
      })
    }
    const sent = producer.send({ topic: 't', value: '4' })
    expect(await world.until(sent)).toMatchObject({ offset: 3 })
    expect(await world.until(producer.flush())).toBe(0)
    expect(done).toEqual(['1', '2', '3'])
    await world.pass(0)
    expect(uncaught.map(String)).toEqual(['Error: callback 1', 'Error: callback 2'])
  })

  test('a callback may send again', async () => {
    const world = new World()
    const producer = world.producer()
    let left = 20
    const again = (): void => {
      if (left-- > 0) producer.produce({ topic: 't', value: `${left}` }, again)
    }
    again()
    await world.untilTrue(() => left < 0)
    expect(world.valuesIn('t').map(Number)).toEqual(Array.from({ length: 20 }, (_, i) => 19 - i))
  })

  test('works without a callback, and a failure is nobody else’s', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: 100 })
    expect(producer.produce({ topic: 'none', value: 'v' })).toBe(true)
    expect(producer.produce({ topic: 't', value: 'v' })).toBe(true)
    expect(await world.until(producer.flush())).toBe(0)
    expect(world.valuesIn('t')).toEqual(['v'])
  })
})

describe('a partitioner of the user', () => {
  test('is given the key, all partitions and those with a leader', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    world.elect('t', 1, -1)
    const given: unknown[] = []
    const producer = world.producer({
      partitioner: (topic, key, partitions, available) => {
        given.push([topic, key === null ? null : Buffer.from(key).toString(), [...partitions], [...available]])
        return 2
      },
    })
    expect(await world.until(producer.send({ topic: 't', key: 'k' }))).toMatchObject({ partition: 2 })
    expect(given).toEqual([['t', 'k', [0, 1, 2], [0, 2]]])
  })

  test.each([3, -1, 0.5, Number.NaN, undefined])('that answers %s fails the record alone', async (answer) => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ partitioner: () => unchecked(answer) })
    const failed = world.failureOf(producer.send({ topic: 't', value: 'v' }))
    const good = producer.send({ topic: 't', partition: 0, value: 'v' })
    expect(await failed).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
    expect(await world.until(good)).toMatchObject({ offset: 0 })
  })

  test.each(['known', 'unknown'])('that throws fails the record alone, topic %s', async (kind) => {
    const world = new World()
    const producer = world.producer({
      partitioner: () => {
        throw new Error('mine')
      },
    })
    if (kind === 'known') await world.until(producer.partitionsFor('t'))
    const failed = world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(await failed).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never', cause: new Error('mine') })
    const errors: unknown[] = []
    expect(producer.produce({ topic: 't', value: 'v' }, (error) => errors.push(error?.code))).toBe(true)
    await world.until(producer.flush())
    await world.pass(0)
    expect(errors).toEqual(['INVALID_ARGUMENT'])
  })
})
