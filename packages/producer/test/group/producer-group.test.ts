import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { Producer, ProducerGroup, type ProducerConfig } from '../../src/index.ts'
import { World } from '../world/world.ts'

const BUFFER_MEMORY = 262_144

/** Less than half of the memory: three do not fit. */
const LARGE = 'x'.repeat(100_000)

/** Producers of one group, each with its own connections. */
function grouped(world: World, config: Partial<ProducerConfig> = {}, count = 2): Producer[] {
  const group = new ProducerGroup({ bufferMemory: BUFFER_MEMORY })
  const bootstrapServers = 'broker-1:9092'
  return Array.from({ length: count }, () => new Producer({ bootstrapServers, ...config }, world.ports(), group))
}

function pair(world: World, config?: Partial<ProducerConfig>): [Producer, Producer] {
  const [one, other] = grouped(world, config)
  if (one === undefined || other === undefined) throw new Error('two producers')
  return [one, other]
}

/** Takes records until there is no room. */
function fill(producer: Producer): number {
  let count = 0
  while (producer.produce({ topic: 't', value: LARGE })) count++
  return count
}

describe('producers of a group', () => {
  test('need not ask for a topic that one of them knows', async () => {
    const world = new World()
    const [one, other] = pair(world)
    await world.until(one.send({ topic: 't', value: '0' }))
    const asked = world.wire.of(metadata).length
    await world.until(other.send({ topic: 't', value: '1' }))
    expect(world.wire.of(metadata)).toHaveLength(asked)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('ask for themselves where what is known is older than metadataMaxAgeMs', async () => {
    const world = new World()
    const [one, other] = pair(world, { metadataMaxAgeMs: 1000 })
    await world.until(one.send({ topic: 't', value: '0' }))
    await world.until(one.close())
    const asked = world.wire.of(metadata).length
    await world.pass(5000)
    await world.until(other.send({ topic: 't', value: '1' }))
    expect(world.wire.of(metadata).length).toBeGreaterThan(asked)
  })

  test('refresh what they know together', async () => {
    const world = new World()
    const [one, other] = pair(world, { metadataMaxAgeMs: 1000 })
    for (const producer of [one, other]) await world.until(producer.send({ topic: 't', value: 'v' }))
    const asked = world.wire.of(metadata).length
    await world.pass(30_500)
    const questions = world.wire.of(metadata).length - asked
    expect(questions).toBeGreaterThanOrEqual(30)
    expect(questions, 'one a second, not one of each').toBeLessThanOrEqual(31)
  })

  test('hear of a new leader from each other', async () => {
    const world = new World({ brokers: 2 })
    const [one, other] = pair(world)
    for (const producer of [one, other]) await world.until(producer.send({ topic: 't', value: '0' }))
    const leaderId = 3 - world.partition('t', 0).leaderId
    world.elect('t', 0, leaderId)
    await world.until(one.describeTopics(['t']))
    const learned = world.watch(other.partitionsFor('t'))
    await world.pass(0)
    expect(learned()).toMatchObject({ state: 'fulfilled' })
    expect(other.metrics().producer['metadata-age'], 'it is just told').toBe(0)
    await world.until(one.send({ topic: 't', value: '1' }))
    const before = world.wire.of(produce).length
    await world.until(other.send({ topic: 't', value: '2' }))
    expect(world.wire.of(produce).length - before, 'nobody refused it').toBe(1)
  })

  test('have one cap on memory: what one holds is not there for the other', async () => {
    const world = new World()
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 1000 }))
    const [one, other] = pair(world)
    for (const producer of [one, other]) await world.until(producer.partitionsFor('t'))
    expect(fill(one)).toBe(2)
    expect(other.produce({ topic: 't', value: LARGE })).toBe(false)
    await world.pass(500)
    expect(other.produce({ topic: 't', value: LARGE })).toBe(false)
    const drained = other.drained()
    await world.pass(1000)
    await world.until(drained)
    expect(other.produce({ topic: 't', value: LARGE }), 'the first has given back').toBe(true)
  })

  test('a send that waits for memory goes on when another producer of the group has given some back', async () => {
    const world = new World()
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 1000 }))
    const [one, other] = pair(world)
    for (const producer of [one, other]) await world.until(producer.partitionsFor('t'))
    fill(one)
    const sent = other.send({ topic: 't', value: LARGE })
    expect(await world.until(sent)).toMatchObject({ topic: 't' })
  })

  test('a producer that is closed gives back what it holds', async () => {
    const world = new World()
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const [one, other] = pair(world)
    for (const producer of [one, other]) await world.until(producer.partitionsFor('t'))
    fill(one)
    await world.pass(10)
    expect(other.produce({ topic: 't', value: LARGE })).toBe(false)
    const drained = other.drained()
    await world.until(one.close({ timeoutMs: 0 }))
    await world.until(drained)
    expect(world.nowMs, 'no timeout ended the wait').toBeLessThan(1000)
    expect(other.produce({ topic: 't', value: LARGE })).toBe(true)
  })

  test('all of them come to memory, whoever gives it back', async () => {
    const world = new World()
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 10 }))
    const producers = grouped(world, { acks: 1, enableIdempotence: false }, 3)
    for (const producer of producers) await world.until(producer.partitionsFor('t'))
    const settled = producers.map(() => 0)
    const sent = producers.flatMap((producer, index) =>
      Array.from({ length: 10 }, async () => {
        await producer.send({ topic: 't', value: LARGE })
        settled[index] = (settled[index] ?? 0) + 1
        return [...settled]
      }),
    )
    const progress = await world.until(Promise.all(sent))
    const halfWay = progress.find((counts) => counts.reduce((sum, count) => sum + count, 0) === 15)
    expect(Math.min(...(halfWay ?? [0])), 'nobody waits until another is done').toBeGreaterThan(0)
  })
})
