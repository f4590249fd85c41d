import { describe, expect, test } from 'vitest'
import { Producer, type ProducerConfig } from '../../src/index.ts'
import { VirtualCompression } from '../world/virtual-compression.ts'
import { World } from '../world/world.ts'

const JOB_MS = 50

/** Large enough for the thread pool, which compresses two batches at a time. */
const large = (letter: string): string => letter.repeat(200_000)

function compressing(world: World, config: Partial<ProducerConfig> = {}): Producer {
  const compression = new VirtualCompression({
    after: (delayMs, run) => void world.timeline.after(delayMs, run),
    jobMs: () => JOB_MS,
  })
  const all = { bootstrapServers: 'broker-1:9092', compressionType: 'lz4', ...config } as const
  return new Producer(all, { ...world.ports(), compression })
}

describe('while a batch waits for the thread pool', () => {
  test.each([
    ['one of its records is taken back: the other is sent', 1_000_000],
    ['all of its records are taken back: the next batch is sent', 300_000],
  ])('%s', async (_name, batchSize) => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = compressing(world, { batchSize })
    await world.until(producer.partitionsFor('t'))
    const abort = new AbortController()
    const busy = [0, 1].map((partition) => producer.send({ topic: 't', partition, value: large('a') }))
    const taken = world.watch(producer.send({ topic: 't', partition: 2, value: large('b') }, { signal: abort.signal }))
    const kept = producer.send({ topic: 't', partition: 2, value: large('c') })
    await world.pass(JOB_MS / 5)
    abort.abort()
    await world.until(Promise.all([...busy, kept]))
    expect(taken()).toMatchObject({ error: { code: 'ABORTED' } })
    expect(world.nowMs).toBeLessThan(1_000)
  })
})

describe('while a batch is compressed, all of it', () => {
  test.each([0, 5])('is taken back: the next one is sent (lingerMs %i)', async (lingerMs) => {
    const world = new World()
    const producer = compressing(world, { lingerMs })
    await world.until(producer.partitionsFor('t'))
    const abort = new AbortController()
    const taken = world.watch(producer.send({ topic: 't', value: large('a') }, { signal: abort.signal }))
    await world.pass(JOB_MS / 5)
    const kept = producer.send({ topic: 't', value: 'b' })
    await world.pass(JOB_MS / 5)
    abort.abort()
    await world.until(kept)
    expect(taken()).toMatchObject({ error: { code: 'ABORTED' } })
    expect(world.nowMs).toBeLessThan(1_000)
  })

  test('expires: the next one is sent, and flush() ends', async () => {
    const world = new World()
    const producer = compressing(world)
    await world.until(producer.partitionsFor('t'))
    const expired = world.watch(producer.send({ topic: 't', value: large('a'), ttlMs: JOB_MS / 2 }))
    await world.pass(JOB_MS / 5)
    const kept = producer.send({ topic: 't', value: 'b' })
    await world.until(producer.flush())
    expect(await kept).toMatchObject({ offset: 0 })
    expect(expired()).toMatchObject({ error: { code: 'EXPIRED' } })
    expect(world.nowMs).toBeLessThan(1_000)
  })
})

describe('a transaction whose only record is taken back', () => {
  test('while it is compressed is committed', async () => {
    const world = new World()
    const producer = compressing(world, { transactionalId: 'x' })
    await world.until(producer.initTransactions())
    await world.until(producer.partitionsFor('t'))
    const transaction = producer.beginTransaction()
    const abort = new AbortController()
    const taken = world.watch(transaction.send({ topic: 't', value: large('a') }, { signal: abort.signal }))
    await world.pass(JOB_MS / 5)
    abort.abort()
    await world.until(transaction.commit())
    expect(taken()).toMatchObject({ error: { code: 'ABORTED' } })
  })
})
