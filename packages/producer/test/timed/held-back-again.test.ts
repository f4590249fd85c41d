import { expect, test } from 'vitest'
import type { DeliveryCallback } from '../../src/index.ts'
import { World } from '../world/world.ts'

const DELAYED = { topic: 't', value: 'a', delayMs: 1000 } as const

test('close() ends, though a callback holds back again what close() does not send', async () => {
  const world = new World()
  const producer = world.producer()
  await world.until(producer.partitionsFor('t'))
  const told: string[] = []
  const again: DeliveryCallback = (error) => {
    told.push(error?.code ?? 'ok')
    if (told.length < 1000) expect(() => producer.produce(DELAYED, again)).toThrow('after close()')
  }
  producer.produce(DELAYED, again)
  await world.until(producer.close())
  expect(told).toEqual(['CLOSED'])
})

test("flush({ delayed: 'send' }) ends, though a callback holds back again what cannot be let in", async () => {
  const world = new World()
  const producer = world.producer({
    partitioner: () => {
      throw new Error('none')
    },
  })
  await world.until(producer.partitionsFor('t'))
  let tries = 0
  const again = (): void => {
    if (++tries < 1000) producer.produce(DELAYED, again)
  }
  producer.produce(DELAYED, again)
  await world.until(producer.flush({ delayed: 'send' }))
  expect(tries).toBe(1)
})

test('a stream finishes when what it holds back is settled too, and ends with its failure', async () => {
  const world = new World()
  const producer = world.producer()
  await world.until(producer.partitionsFor('t'))
  const told: string[] = []
  const fine = producer.writable({ onAcknowledged: () => told.push('written') })
  fine.on('finish', () => told.push('finished'))
  fine.end(DELAYED)
  const failing = producer.writable()
  failing.on('finish', () => told.push('finished'))
  failing.on('error', (error) => told.push(error.message))
  failing.end({ ...DELAYED, delayMs: 2000, partition: 9 })
  const written = world.watch(
    producer
      .writableStream()
      .getWriter()
      .write({ ...DELAYED, partition: 9 }),
  )
  await world.pass(5000)
  expect(told).toEqual(['written', 'finished', expect.stringContaining('there is no partition 9')])
  expect(written().state).toBe('fulfilled')
})

test('a stream finishes though a callback for what it held back throws', async () => {
  const world = new World()
  const producer = world.producer()
  await world.until(producer.partitionsFor('t'))
  const onAcknowledged = (): never => {
    throw new Error('of the callback')
  }
  let isFinished = false
  producer.writable({ onAcknowledged }).end(DELAYED, () => (isFinished = true))
  await expect(world.pass(2_000)).rejects.toThrow('of the callback')
  await world.untilTrue(() => isFinished)
})
