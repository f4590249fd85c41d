import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import type { World } from '../world/world.ts'
import { committedValues, transactionalProducer, transactionalWorld, VERSIONS } from './transactional-world.ts'

const FENCED = { code: 'PRODUCER_FENCED', outcome: 'never', fatal: true, retriable: false }

async function openAndFenced(version: 1 | 2): Promise<{ world: World; old: Producer; young: Producer }> {
  const world = transactionalWorld(version)
  const old = transactionalProducer(world)
  await world.until(old.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'old' })))
  old.beginTransaction()
  await world.until(old.send({ topic: 't', partition: 0, value: 'gone' }))
  const young = transactionalProducer(world)
  await world.until(young.initTransactions())
  return { world, old, young }
}

describe.each(VERSIONS)(
  'scenario 59: in v%i a producer whose transactional id another one has taken over',
  (version) => {
    test('cannot commit', async () => {
      const { world, old, young } = await openAndFenced(version)
      expect(await world.failureOf(old.commitTransaction())).toMatchObject(FENCED)
      await world.until(young.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'young' })))
      expect(committedValues(world, 't')).toEqual(['old', 'young'])
    })

    test('cannot abort', async () => {
      const { world, old } = await openAndFenced(version)
      expect(await world.failureOf(old.abortTransaction())).toMatchObject(FENCED)
    })

    test('cannot send: the record fails, and the abort after it says why', async () => {
      const { world, old } = await openAndFenced(version)
      const sent = await world.failureOf(old.send({ topic: 't', partition: 1, value: 'x' }))
      expect(sent).toMatchObject({ outcome: 'never' })
      expect(sent.fatal || sent.requiresAbort).toBe(true)
      expect(await world.failureOf(old.abortTransaction())).toMatchObject(FENCED)
      expect(committedValues(world, 't', 1)).toEqual([])
    })

    test('cannot commit offsets', async () => {
      const { world, old } = await openAndFenced(version)
      const offsets = [{ topic: 't', partition: 0, offset: 1 }]
      expect(await world.failureOf(old.sendOffsetsToTransaction(offsets, { groupId: 'g' }))).toMatchObject(FENCED)
    })

    test('fails every later call, with the reason', async () => {
      const { world, old } = await openAndFenced(version)
      await world.failureOf(old.commitTransaction())
      for (const call of [
        () => old.initTransactions(),
        () => old.transaction(() => {}),
        () => old.send({ topic: 't', value: 'x' }),
        () => old.commitTransaction(),
        () => old.abortTransaction(),
      ]) {
        expect(await world.failureOf(call())).toMatchObject(FENCED)
      }
      expect(() => old.beginTransaction()).toThrow(/taken over/)
    })

    test('leaves no transaction open behind it', async () => {
      const { world } = await openAndFenced(version)
      await world.pass(1000)
      expect(world.cluster.transactions.get('tx')?.metadata.state).not.toBe('Ongoing')
      expect(committedValues(world, 't')).toEqual(['old'])
    })
  },
)
