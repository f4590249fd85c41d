import { initProducerId, metadata, produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import { type Fault, appendButAnswer, type BrokerRequest, refuseProduce } from './world/broker-host.ts'
import { type Outcome, World } from './world/world.ts'
import { KafkaError, type RecordMetadata } from '../src/index.ts'

const RECORDS = 150
const SEEDS = 60

const REFUSALS = [2, 3, 5, 6, 7, 10, 19, 29, 45, 56, 59, 87, -1]
const ANSWERED_AFTER_APPEND = [6, 7, 13, 20, -1]

function produceFault(world: World, request: BrokerRequest): Fault | undefined {
  const { random } = world
  switch (random.below(14)) {
    case 0:
      return { kind: 'close-before' }
    case 1:
      return { kind: 'close-after' }
    case 2:
      return random.below(3) === 0 ? { kind: 'hang' } : undefined
    case 3:
      return { kind: 'delay', delayMs: random.below(1500) }
    case 4:
      return refuseProduce(request, REFUSALS[random.below(REFUSALS.length)] ?? 7)
    case 5:
      return appendButAnswer(request, ANSWERED_AFTER_APPEND[random.below(ANSWERED_AFTER_APPEND.length)] ?? 7)
    default:
      return undefined
  }
}

function otherFault(world: World): Fault | undefined {
  switch (world.random.below(8)) {
    case 0:
      return { kind: 'close-before' }
    case 1:
      return { kind: 'hang' }
    case 2:
      return { kind: 'delay', delayMs: world.random.below(1500) }
    default:
      return undefined
  }
}

/** Elections, and brokers that die and come back, every few hundred milliseconds. */
function disturb(world: World, untilMs: number): void {
  if (world.nowMs > untilMs) return
  world.timeline.after(100 + world.random.below(900), () => {
    const nodeId = 1 + world.random.below(3)
    if (world.random.below(2) === 0) world.elect('t', world.random.below(4), nodeId)
    else {
      const address = { host: `broker-${nodeId}`, port: 9092 }
      world.network.unlisten(address)
      world.host(nodeId).reset()
      world.timeline.after(world.random.below(1200), () => world.network.listen(address, world.host(nodeId).accept))
    }
    disturb(world, untilMs)
  })
}

test('whatever goes wrong, every record is settled, none is doubled, and what is said of it is true', async () => {
  const seen = { fulfilled: 0, never: 0, unknown: 0 }
  for (let seed = 1; seed <= SEEDS; seed++) {
    const world = new World({ seed, brokers: 3, topics: [{ name: 't', partitions: 4 }] })
    world.network.timing.latencyMs = [1, 20, 150, 400][seed % 4] ?? 1
    world.network.timing.writtenMs = seed % 5 === 0 ? 30 : 0
    world.onRequest(produce, (request) => produceFault(world, request))
    world.onRequest(metadata, () => otherFault(world))
    world.onRequest(initProducerId, () => otherFault(world))
    disturb(world, 15_000)
    const producer = world.producer({
      bootstrapServers: ['broker-1:9092', 'broker-2:9092', 'broker-3:9092'],
      requestTimeoutMs: 1000,
      deliveryTimeoutMs: 4000,
      maxBlockMs: 3000,
      batchSize: 1000,
      lingerMs: seed % 2 === 0 ? 5 : 0,
    })
    const outcomes: (() => Outcome<RecordMetadata>)[] = []
    for (let i = 0; i < RECORDS; i++) {
      outcomes.push(
        world.watch(producer.send({ topic: 't', key: `${i % 16}`, value: `${i}`.padEnd(world.random.below(300)) })),
      )
      await world.pass(world.random.below(200))
    }
    await world.until(producer.close())
    await world.pass(10_000)

    const places = new Map<number, string[]>()
    for (const partition of [0, 1, 2, 3]) {
      const numbers = world.valuesIn('t', partition).map(Number)
      expect(numbers, `order, partition ${partition}, seed ${seed}`).toEqual(numbers.toSorted((a, b) => a - b))
      for (const [offset, number] of numbers.entries()) {
        places.set(number, [...(places.get(number) ?? []), `${partition}@${offset}`])
      }
    }
    for (const [i, outcomeOf] of outcomes.entries()) {
      const outcome = outcomeOf()
      const copies = places.get(i) ?? []
      const where = `record ${i}, seed ${seed}`
      expect(copies.length, where).toBeLessThanOrEqual(1)
      if (outcome.state === 'fulfilled') {
        const { partition, offset } = outcome.value
        seen.fulfilled++
        expect(copies, where).toHaveLength(1)
        if (offset !== undefined) expect(copies, where).toEqual([`${partition}@${offset}`])
      } else {
        if (outcome.state !== 'rejected' || !(outcome.error instanceof KafkaError))
          throw new Error(`${where}: ${outcome.state}`)
        seen[outcome.error.outcome]++
        if (outcome.error.outcome === 'never') expect(copies, where).toEqual([])
      }
    }
    expect(world.wire.violations, `seed ${seed}`).toEqual([])
    expect(world.network.violations, `seed ${seed}`).toEqual([])
    expect(world.network.openSockets).toEqual([])
  }
  for (const [outcome, count] of Object.entries(seen))
    expect(count, `records that ended as ${outcome}`).toBeGreaterThan(10)
}, 120_000)
