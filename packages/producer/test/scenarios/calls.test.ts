import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { KafkaError } from '../../src/index.ts'
import { World } from '../world/world.ts'

describe('scenario 50, fault 70: a callback', () => {
  test('that throws disturbs no other record, and is told to the process', async () => {
    const world = new World()
    const uncaught: unknown[] = []
    world.timeline.onUncaught = (error) => void uncaught.push(error)
    const producer = world.producer()
    const settled: string[] = []
    for (const name of ['a', 'b', 'c']) {
      producer.produce({ topic: 't', value: name }, () => {
        settled.push(name)
        if (name === 'b') throw new Error('a mistake in the callback')
      })
    }
    await world.until(producer.flush())
    await world.pass(1)
    expect(settled).toEqual(['a', 'b', 'c'])
    expect(uncaught).toMatchObject([{ message: 'a mistake in the callback' }])
  })

  test('may send, flush and close', async () => {
    const world = new World()
    const producer = world.producer()
    const story: string[] = []
    producer.produce({ topic: 't', value: '0' }, () => {
      producer.produce({ topic: 't', value: '1' }, () => story.push('sent from a callback'))
      void producer.flush().then((unsettled) => {
        story.push(`flushed, ${unsettled} unsettled`)
        return producer.close().then(() => story.push('closed'))
      })
    })
    await world.untilTrue(() => story.includes('closed'))
    expect(story).toEqual(['sent from a callback', 'flushed, 0 unsettled', 'closed'])
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('is never called inside the call that it belongs to', () => {
    const world = new World()
    const producer = world.producer()
    const settled: (KafkaError | null)[] = []
    producer.produce({ topic: 'not a topic name', value: '0' }, (error) => settled.push(error))
    expect(settled).toEqual([])
  })
})

describe('scenario 11, 68: close()', () => {
  test('settles every record exactly once, whatever state it is in', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer({ batchSize: 600 })
    await world.until(producer.partitionsFor('t'))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const calls = new Map<string, number>()
    const note = (name: string) => (): void => void calls.set(name, (calls.get(name) ?? 0) + 1)
    const names = ['in flight', 'queued', 'behind it', 'of an unknown topic']
    for (const [i, name] of names.entries()) {
      const topic = i === 3 ? 'unknown' : 't'
      producer.produce({ topic, ...(i === 3 ? {} : { partition: 0 }), value: 'v'.repeat(400) }, note(name))
    }
    await world.pass(100)
    await world.until(
      Promise.all([producer.close({ timeoutMs: 500 }), producer.close(), producer.close({ timeoutMs: 0 })]),
    )
    await world.pass(10_000)
    expect(calls).toEqual(new Map(names.map((name) => [name, 1])))
    expect(world.network.openSockets).toEqual([])
  })

  test('refuses what is sent after it', async () => {
    const world = new World()
    const producer = world.producer()
    const closed = producer.close()
    expect(await world.failureOf(producer.send({ topic: 't', value: 'v' }))).toMatchObject({
      code: 'CLOSED',
      outcome: 'never',
    })
    expect(() => producer.produce({ topic: 't', value: 'v' })).toThrow(KafkaError)
    await world.until(closed)
    expect(world.wire.requests).toEqual([])
  })
})
