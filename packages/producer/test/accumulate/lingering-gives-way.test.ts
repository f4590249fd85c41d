import { describe, expect, test } from 'vitest'
import { Producer, ProducerGroup } from '../../src/index.ts'
import { World } from '../world/world.ts'

const TOPICS = ['t', 'u'].map((name) => ({ name, partitions: 1 }))
const BUFFER_MEMORY = 1_200_000
/** So long that only who waits for memory can end it in time. */
const LINGER_MS = 50_000
const MAX_BLOCK_MS = 10_000
const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

describe('a batch that lingers is sent when its memory is wanted', () => {
  test('by a record of a topic that is not known yet', async () => {
    const world = new World({ topics: TOPICS })
    const producer = world.producer({ lingerMs: LINGER_MS, maxBlockMs: MAX_BLOCK_MS, bufferMemory: BUFFER_MEMORY })
    await world.until(producer.partitionsFor('t'))
    const lingering = producer.send({ topic: 't', value: Buffer.alloc(900_000) })
    const other = world.watch(producer.send({ topic: 'u', value: Buffer.alloc(500_000) }))
    await world.until(lingering)
    expect(world.nowMs).toBeLessThan(MAX_BLOCK_MS)
    await world.pass(LINGER_MS + 100)
    expect(other()).toMatchObject({ state: 'fulfilled' })
  })

  test('by one of an unknown topic, which lets those of known topics pass as well', async () => {
    const world = new World({ topics: TOPICS })
    const producer = world.producer({ lingerMs: LINGER_MS, maxBlockMs: MAX_BLOCK_MS, bufferMemory: BUFFER_MEMORY })
    await world.until(producer.partitionsFor('t'))
    for (let n = 0; n < 700; n++) producer.produce({ topic: 't', value: Buffer.alloc(1_000) })
    const freeBytes = producer.metrics().producer['buffer-available-bytes']
    const sent = [
      world.watch(producer.send({ topic: 'u', value: Buffer.alloc(freeBytes) })),
      world.watch(producer.send({ topic: 't', value: 'small' })),
    ]
    await world.pass(MAX_BLOCK_MS + LINGER_MS + 100)
    expect(sent.map((one) => one().state)).toEqual(['fulfilled', 'fulfilled'])
  })

  test('by a batch of the caller', async () => {
    const world = new World({ topics: TOPICS })
    const producer = world.producer({ lingerMs: LINGER_MS, maxBlockMs: MAX_BLOCK_MS, bufferMemory: BUFFER_MEMORY })
    await world.until(producer.partitionsFor('t'))
    const lingering = producer.send({ topic: 't', value: Buffer.alloc(900_000) })
    const batch = producer.createBatch()
    batch.append({ value: Buffer.alloc(500_000) })
    const sent = world.watch(producer.sendBatch(batch, { topic: 'u', partition: 0 }))
    await world.until(lingering)
    expect(world.nowMs).toBeLessThan(MAX_BLOCK_MS)
    await world.pass(LINGER_MS + 100)
    expect(sent()).toMatchObject({ state: 'fulfilled' })
  })

  test('by another producer of its group', async () => {
    const world = new World()
    const group = new ProducerGroup({ bufferMemory: BUFFER_MEMORY })
    const config = { bootstrapServers: 'broker-1:9092', maxBlockMs: MAX_BLOCK_MS, logger: QUIET }
    const patient = new Producer({ ...config, lingerMs: LINGER_MS, clientId: 'patient' }, world.ports(), group)
    const other = new Producer({ ...config, clientId: 'other' }, world.ports(), group)
    for (const producer of [patient, other]) await world.until(producer.partitionsFor('t'))
    patient.produce({ topic: 't', value: Buffer.alloc(900_000) })
    const sent = world.watch(other.send({ topic: 't', value: Buffer.alloc(500_000) }))
    await world.pass(MAX_BLOCK_MS)
    expect(sent()).toMatchObject({ state: 'fulfilled' })
  })
})
