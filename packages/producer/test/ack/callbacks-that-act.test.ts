import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { DeliveryCallback } from '../../src/index.ts'
import { alterAnswer } from '../network/altered-answer.ts'
import { World } from '../world/world.ts'

const TOPIC_AUTHORIZATION_FAILED = 29

/** Whoever hears of a record may do whatever he likes with the producer, in the very call that tells him. */
describe('the callback of a record that expires', () => {
  async function delayed(config: Parameters<World['producer']>[0]) {
    const world = new World()
    const producer = world.producer({ lingerMs: 1000, ...config })
    await world.until(producer.partitionsFor('t'))
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 500 }))
    const log: string[] = []
    const told =
      (name: string, act?: () => void): DeliveryCallback =>
      (error) => {
        log.push(`${name} ${error?.code ?? 'ok'}`)
        act?.()
      }
    const expireBesideAnother = async (act: () => void): Promise<void> => {
      producer.produce({ topic: 't', value: 'a', ttlMs: 50 }, told('a', act))
      producer.produce({ topic: 't', value: 'b' }, told('b'))
      await world.pass(3000)
    }
    return { world, producer, log, told, expireBesideAnother }
  }

  test('may flush, which waits for the others', async () => {
    const { producer, log, expireBesideAnother } = await delayed({})
    const flush = (): void => void producer.flush().then(() => log.push('flushed'))
    await expireBesideAnother(flush)
    expect(log).toEqual(['a EXPIRED', 'b ok', 'flushed'])
    expect(producer.health().bufferedRecords).toBe(0)
  })

  test('may close, which waits for the others', async () => {
    const { producer, log, expireBesideAnother } = await delayed({})
    const close = (): void => void producer.close().then(() => log.push('closed'))
    await expireBesideAnother(close)
    expect(log).toEqual(['a EXPIRED', 'b ok', 'closed'])
  })

  test('may close at once, which fails the others', async () => {
    const { producer, log, expireBesideAnother } = await delayed({})
    const close = (): void => void producer.close({ timeoutMs: 0 }).then(() => log.push('closed'))
    await expireBesideAnother(close)
    expect(log).toEqual(['a EXPIRED', 'b CLOSED', 'closed'])
  })

  test('may send again, into a batch that this fills: a flush afterwards waits for all', async () => {
    const { world, producer, log, told } = await delayed({ batchSize: 400 })
    const sendAgain = (): void => void producer.produce({ topic: 't', value: 'A'.repeat(200) }, told('again'))
    producer.produce({ topic: 't', value: 'a'.repeat(200), ttlMs: 50 }, told('a', sendAgain))
    producer.produce({ topic: 't', value: 'b' }, told('b'))
    await world.pass(60)
    expect(log).toEqual(['a EXPIRED'])
    await world.until(producer.flush())
    expect(log).toEqual(['a EXPIRED', 'b ok', 'again ok'])
  })

  test('may take back the rest of its batch: batches to come are told each of their own', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ lingerMs: 100 })
    await world.until(producer.partitionsFor('t'))
    const abort = new AbortController()
    producer.produce({ topic: 't', partition: 0, value: 'a', ttlMs: 50 }, () => abort.abort())
    const rest = world.watch(producer.send({ topic: 't', partition: 0, value: 'b' }, { signal: abort.signal }))
    await world.pass(60)
    expect(rest()).toMatchObject({ error: { code: 'ABORTED' } })

    const places: string[] = []
    const told: DeliveryCallback = (_error, metadata) => places.push(`${metadata?.partition} at ${metadata?.offset}`)
    for (const partition of [1, 2, 1, 2]) producer.produce({ topic: 't', partition, value: 'c' }, told)
    await world.pass(5000)
    expect(places.toSorted()).toEqual(['1 at 0', '1 at 1', '2 at 0', '2 at 1'])
  })
})

test('the callback of a record of an aborted transaction may take back one of a later batch', async () => {
  const world = new World({ topics: [{ name: 't', partitions: 3 }] })
  const producer = world.producer({ transactionalId: 'x', lingerMs: 1000, batchSize: 200 })
  await world.until(producer.partitionsFor('t'))
  await world.until(producer.initTransactions())
  const abort = new AbortController()
  const first = producer.beginTransaction()
  first.produce({ topic: 't', partition: 0, value: 'a'.repeat(150) }, () => abort.abort())
  const later = world.watch(first.send({ topic: 't', partition: 0, value: 'b'.repeat(150) }, { signal: abort.signal }))
  await world.until(first.abort())
  expect(later()).toMatchObject({ state: 'rejected' })

  const second = producer.beginTransaction()
  const sent = Promise.all([0, 1, 2].map((partition) => second.send({ topic: 't', partition, value: 'c' })))
  expect(await world.until(sent)).toMatchObject([{ partition: 0 }, { partition: 1 }, { partition: 2 }])
})

test('the callback of a record that no version of Produce can carry may take back those that were to go with it', async () => {
  const world = new World({ topics: [{ name: 't', partitions: 3 }] })
  world.host(1).versions = { Produce: [0, 2] }
  const producer = world.producer({ lingerMs: 100 })
  await world.until(producer.partitionsFor('t'))
  const abort = new AbortController()
  producer.produce({ topic: 't', partition: 0, value: 'v' }, () => abort.abort())
  const others = [1, 2].map((partition) =>
    world.watch(producer.send({ topic: 't', partition, value: 'v' }, { signal: abort.signal })),
  )
  await world.pass(1000)
  expect(others.map((other) => other())).toMatchObject([{ error: { code: 'ABORTED' } }, { error: { code: 'ABORTED' } }])
  expect(producer.health().bufferedRecords).toBe(0)
})

describe('what waits', () => {
  test('for memory is not lost when the callback of one that is refused takes back the next', async () => {
    const world = new World()
    const producer = world.producer({
      bufferMemory: 131_072,
      maxRequestSize: 130_000,
      partitioner: (_topic, key) => {
        if (key !== null) throw new Error('no partition for it')
        return 0
      },
    })
    await world.until(producer.partitionsFor('t'))
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 1000 } : undefined))
    const abort = new AbortController()
    let refused = 0
    producer.produce({ topic: 't', key: 'bad', value: 'a', delayMs: 100 }, () => {
      refused++
      abort.abort()
    })
    producer.produce({ topic: 't', value: 'b'.repeat(60_000) })
    await world.pass(50)
    const large = world.watch(producer.send({ topic: 't', value: 'c'.repeat(100_000) }))
    await world.pass(100)
    const aborted = world.watch(producer.send({ topic: 't', value: 'd' }, { signal: abort.signal }))
    const last = world.watch(producer.send({ topic: 't', value: 'e' }))
    await world.pass(5000)
    expect(refused).toBe(1)
    expect([large(), aborted(), last()].map(({ state }) => state)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('for its topic is not overtaken by what the callback of one that is refused sends', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 1 }] })
    const producer = world.producer()
    producer.produce({ topic: 't', partition: 77, value: 'refused' }, () => {
      producer.produce({ topic: 't', partition: 0, value: 'late' })
    })
    producer.produce({ topic: 't', partition: 0, value: 'early' })
    await world.pass(1000)
    expect(world.valuesIn('t')).toEqual(['early', 'late'])
  })

  test('for its topic fails with it; what is sent by whoever is told of that waits anew', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 1 }] })
    const producer = world.producer()
    let isForbidden = true
    world.onRequest(metadata, (request) => {
      if (!isForbidden) return undefined
      return alterAnswer(request, metadata, ({ topics }) => {
        for (const topic of topics) Object.assign(topic, { errorCode: TOPIC_AUTHORIZATION_FAILED, partitions: [] })
      })
    })
    const abort = new AbortController()
    producer.produce({ topic: 't', value: 'first' }, (error) => {
      expect(error?.code).toBe('TOPIC_AUTHORIZATION_FAILED')
      isForbidden = false
      abort.abort()
      producer.produce({ topic: 't', value: 'again' })
    })
    const second = world.watch(producer.send({ topic: 't', value: 'second' }, { signal: abort.signal }))
    await world.pass(1000)
    expect(second()).toMatchObject({ error: { code: 'ABORTED' } })
    expect(world.valuesIn('t')).toEqual(['again'])
  })
})
