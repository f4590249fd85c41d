import { describe, expect, test } from 'vitest'
import { SendAllError, type ProducerRecord } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const records = (count: number): ProducerRecord[] =>
  Array.from({ length: count }, (_, i) => ({ topic: 't', value: `${i}` }))

describe('sendAll()', () => {
  test('answers where each record is, in the order of the input', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 4 }] })
    const input = Array.from({ length: 100 }, (_, i) => ({ topic: 't', key: `${i}`, value: `${i}` }))
    const metadata = await world.until(world.producer().sendAll(input))
    for (const [i, { partition, offset }] of metadata.entries()) {
      expect(world.valuesIn('t', partition)[offset ?? -1]).toBe(`${i}`)
    }
  })

  test('takes any iterable, and waits when memory is full', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    let ahead = 0
    async function* generated(): AsyncGenerator<ProducerRecord> {
      for (let i = 0; i < 100; i++) {
        ahead = Math.max(ahead, i - world.partition('t', 0).log.endOffset)
        yield await Promise.resolve({ topic: 't', value: `${i}`.padEnd(10_000) })
      }
    }
    expect(await world.until(producer.sendAll(generated()))).toHaveLength(100)
    expect(ahead, 'records pulled before there was room').toBeLessThan(20)
    expect(world.valuesIn('t').map(Number)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(await world.until(producer.sendAll(new Set(records(3))))).toHaveLength(3)
  })

  test('of nothing answers nothing', async () => {
    const world = new World()
    expect(await world.until(world.producer().sendAll([]))).toEqual([])
  })

  test('with a record that fails sends the others and rejects with the result of each', async () => {
    const world = new World()
    const input = [...records(2), unchecked({ topic: 't', value: 5 }), { topic: 't', value: 'last' }]
    const error = await world.failureOf(world.producer().sendAll(input))
    if (!(error instanceof SendAllError)) throw error
    expect(error.results).toMatchObject([
      { metadata: { offset: 0 } },
      { metadata: { offset: 1 } },
      { error: { code: 'INVALID_ARGUMENT', outcome: 'never' } },
      { metadata: { offset: 2 } },
    ])
    expect(error.message).toContain('1 of 4 records failed')
    expect(error.outcome, 'some are written').toBe('unknown')
    expect(world.valuesIn('t')).toEqual(['0', '1', 'last'])
  })

  test("is 'never' only when every record is", async () => {
    const world = new World()
    const input = [unchecked({ topic: '' }), unchecked({ topic: 't', value: 5 })]
    expect(await world.failureOf(world.producer().sendAll(input))).toMatchObject({ outcome: 'never' })
  })

  test('in the middle of which the producer is closed waits for what was taken, and answers for each record', async () => {
    const world = new World()
    const producer = world.producer()
    function* closing(): Generator<ProducerRecord> {
      yield* records(2)
      void producer.close()
      yield* records(5)
    }
    const error = await world.failureOf(producer.sendAll(closing()))
    if (!(error instanceof SendAllError)) throw error
    expect(error.results).toMatchObject([
      { metadata: { offset: 0 } },
      { metadata: { offset: 1 } },
      { error: { code: 'CLOSED', outcome: 'never' } },
    ])
    expect(error.outcome, 'some are written').toBe('unknown')
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('whose input throws rejects with that error', async () => {
    const world = new World()
    function* broken(): Generator<ProducerRecord> {
      yield { topic: 't', value: '0' }
      throw new Error('the file ends here')
    }
    const all = world.watch(world.producer().sendAll(broken()))
    await world.pass(1000)
    expect(all()).toMatchObject({ state: 'rejected', error: new Error('the file ends here') })
  })
})
