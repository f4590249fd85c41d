import { describe, expect, test } from 'vitest'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

/** The broker that coordinates crashes in the middle of a transaction, and comes back on the same data. */
export function coordinatorKilled(site: TransactionSite): void {
  describe('with a coordinator that was killed', () => {
    test('a commit waits until it is back, and commits everything once', async () => {
      const topic = await site.newTopic(2)
      const producer = site.newProducer()
      await producer.initTransactions()
      const tx = producer.beginTransaction()
      await tx.sendAll(recordsFor(topic, 0, 100))
      await site.broker.end('SIGKILL')
      for (const record of recordsFor(topic, 100, 200)) tx.produce(record)
      const committed = tx.commit()
      await restart()
      await committed
      await producer.transaction(async (next) => next.sendAll(recordsFor(topic, 200, 210)))
      expect((await committedOnceDone(site, topic)).map(Number).toSorted((a, b) => a - b)).toEqual(range(0, 210))
    })

    test('a commit whose answer is lost is done once', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      await producer.initTransactions()
      const tx = producer.beginTransaction()
      await tx.sendAll(recordsFor(topic, 0, 10))
      const committed = tx.commit()
      await site.broker.end('SIGKILL')
      await restart()
      await committed
      await producer.transaction(async (next) => next.sendAll(recordsFor(topic, 10, 20)))
      expect((await committedOnceDone(site, topic)).map(Number)).toEqual(range(0, 20))
    })

    test('an abort waits until it is back, and nothing of it is seen', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      await producer.initTransactions()
      const tx = producer.beginTransaction()
      await tx.sendAll(recordsFor(topic, 0, 10))
      await site.broker.end('SIGKILL')
      const aborted = tx.abort()
      await restart()
      await aborted
      await producer.transaction(async (next) => next.sendAll(recordsFor(topic, 10, 20)))
      expect((await committedOnceDone(site, topic)).map(Number)).toEqual(range(10, 20))
    })

    async function restart(): Promise<void> {
      await site.broker.start()
      await site.broker.untilAlive(1)
    }
  })
}

function recordsFor(topic: string, from: number, to: number): { topic: string; value: string }[] {
  return range(from, to).map((n) => ({ topic, value: `${n}` }))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
