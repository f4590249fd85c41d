import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer, Statistics } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

/** What a producer gives from here on. */
function statisticsOf(producer: Producer): Statistics[] {
  const given: Statistics[] = []
  producer.on('statistics', (statistics) => given.push(statistics))
  return given
}

describe("the event 'statistics'", () => {
  test('comes every statisticsIntervalMs, whether or not anything is sent', async () => {
    const world = new World()
    const given = statisticsOf(world.producer({ statisticsIntervalMs: 1000 }))
    await world.pass(999)
    expect(given).toHaveLength(0)
    await world.pass(2001)
    expect(given.map(({ ts }) => ts / 1000)).toEqual([1000, 2000, 3000])
    expect(given[0]).toMatchObject({ client_id: 'linger', type: 'producer', time: 1_767_225_601, age: 1_000_000 })
  })

  test('tells of the records that wait, where they wait', async () => {
    const world = new World()
    const producer = world.producer({ statisticsIntervalMs: 1000 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const given = statisticsOf(producer)
    producer.produce({ topic: 't', value: 'in flight' })
    await world.pass(10)
    producer.produce({ topic: 't', value: 'open' })
    producer.produce({ topic: 't', value: 'open too' })
    producer.produce({ topic: 'unknown', value: 'waits for its topic' })
    await world.pass(1000)
    const [statistics] = given
    expect(statistics).toMatchObject({ msg_cnt: 4, msg_max: 0, msg_size_max: 33_554_432 })
    expect(statistics?.topics['t']?.partitions['0']).toMatchObject({
      partition: 0,
      leader: 1,
      broker: 1,
      msgs_inflight: 1,
      msgq_cnt: 2,
      xmit_msgq_cnt: 0,
      txmsgs: 1,
    })
    expect(statistics?.msg_size).toBeGreaterThan(2 * 61)
    expect(statistics?.brokers['broker-1:9092/1']).toMatchObject({
      nodeid: 1,
      nodename: 'broker-1:9092',
      source: 'learned',
      state: 'UP',
      waitresp_cnt: 2, // the batch, and the question for the unknown topic
      toppars: { 't-0': { topic: 't', partition: 0 } },
    })
  })

  test('counts every record that is not settled, whatever it waits for', async () => {
    const world = new World()
    const producer = world.producer({ statisticsIntervalMs: 1000, bufferMemory: 1_200_000 })
    const statistics = statisticsOf(producer)
    const batch = producer.createBatch()
    for (let i = 0; i < 100; i++) batch.append({ value: 'of the batch' })
    void world.watch(producer.sendBatch(batch, { topic: 'unknown', partition: 0 }))
    void world.watch(producer.send({ topic: 'unknown', value: Buffer.alloc(1_000_000) }))
    const waitForMemory = producer.createBatch()
    for (let i = 0; i < 10; i++) waitForMemory.append({ value: Buffer.alloc(50_000) })
    void world.watch(producer.sendBatch(waitForMemory, { topic: 't', partition: 0 }))
    await world.pass(1000)
    expect(statistics[0]?.msg_cnt).toBe(111)
    expect(producer.health().bufferedRecords).toBe(111)
  })

  test('counts no record that was taken back while it waited behind another', async () => {
    const world = new World()
    const producer = world.producer({ statisticsIntervalMs: 1000 })
    const statistics = statisticsOf(producer)
    const abort = new AbortController()
    producer.produce({ topic: 'unknown', value: 'stays' })
    for (let i = 0; i < 10; i++) {
      void world.watch(producer.send({ topic: 'unknown', value: 'goes' }, { signal: abort.signal }))
    }
    abort.abort()
    await world.pass(1000)
    expect(statistics[0]?.msg_cnt).toBe(1)
  })

  test('has windows of the time since the last one', async () => {
    const world = new World()
    const producer = world.producer({ statisticsIntervalMs: 1000, lingerMs: 5 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    const given = statisticsOf(producer)
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 100 }))
    await world.until(producer.sendAll(Array.from({ length: 50 }, () => ({ topic: 't', value: 'v' }))))
    await world.until(producer.sendAll(Array.from({ length: 10 }, () => ({ topic: 't', value: 'v' }))))
    await world.pass(3000)
    const [first, second] = given
    expect(first?.topics['t']?.batchcnt).toMatchObject({ min: 10, max: 50, avg: 30, sum: 60, cnt: 2 })
    expect(first?.topics['t']?.batchsize).toMatchObject({ cnt: 2, sum: (first?.topics['t']?.batchsize.avg ?? 0) * 2 })
    expect(first?.topics['t']?.partitions['0']).toMatchObject({ txmsgs: 60 })
    const { rtt, int_latency: queueTime } = first?.brokers['broker-1:9092/1'] ?? {}
    expect([rtt?.cnt, queueTime?.avg]).toEqual([2, 5000])
    expect(rtt?.min).toBeGreaterThanOrEqual(100_000)
    expect(second?.topics['t']?.batchcnt).toMatchObject({ cnt: 0, sum: 0, max: 0 })
    expect(second).toMatchObject({ txmsgs: 61, msg_cnt: 0 })
    expect(second?.tx).toBe(second?.rx)
  })

  test('goes to every listener, also when one throws, and to none after off()', async () => {
    const world = new World()
    const thrown: unknown[] = []
    world.timeline.onUncaught = (error) => thrown.push(error)
    const producer = world.producer({ statisticsIntervalMs: 1000 })
    producer.on('statistics', () => {
      throw new Error('a bad listener')
    })
    const heard: number[] = []
    const listener = ({ ts }: Statistics): void => void heard.push(ts / 1000)
    producer.on('statistics', listener)
    await world.pass(1500)
    producer.off('statistics', listener)
    await world.pass(1500)
    expect(heard).toEqual([1000])
    expect(thrown).toEqual([new Error('a bad listener'), new Error('a bad listener'), new Error('a bad listener')])
  })

  test('looks for no broker: who only listens sends nothing', async () => {
    const world = new World()
    const given = statisticsOf(world.producer({ statisticsIntervalMs: 1000 }))
    await world.pass(10_000)
    expect(world.wire.requests).toEqual([])
    expect(given.at(-1)).toMatchObject({ tx: 0, brokers: { 'broker-1:9092/bootstrap': { state: 'DOWN' } } })
  })

  test('ends with the producer', async () => {
    const world = new World()
    const producer = world.producer({ statisticsIntervalMs: 1000 })
    const given = statisticsOf(producer)
    await world.pass(1000)
    await world.until(producer.close())
    await world.pass(5000)
    expect(given).toHaveLength(1)
  })

  test('that would never come is refused', () => {
    const producer = new World().producer()
    expect(() => producer.on('statistics', () => {})).toThrow("on('statistics') needs statisticsIntervalMs")
    expect(() => producer.on(unchecked('stats'), () => {})).toThrow("a producer has the event 'statistics'")
  })
})
