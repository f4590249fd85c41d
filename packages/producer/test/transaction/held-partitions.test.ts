import { addPartitionsToTxn, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { alterAnswer } from '../network/altered-answer.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { requestsOf, transactionalProducer, transactionalWorld, VERSIONS } from './transactional-world.ts'

const TWO_TOPICS = {
  topics: [
    { name: 't', partitions: 3 },
    { name: 'secret', partitions: 1 },
  ],
}

describe.each(VERSIONS)(
  'transactions of v%i: a partition that had to wait, and whose records were dropped',
  (version) => {
    test('is not asked for by the next transaction, though the topic was refused', async () => {
      const world = transactionalWorld(version, TWO_TOPICS)
      const producer = transactionalProducer(world)
      const asked: string[] = []
      world.onRequest(addPartitionsToTxn, (request) =>
        alterAnswer(request, addPartitionsToTxn, ({ resultsByTopicV3AndBelow }) => {
          asked.push(resultsByTopicV3AndBelow.map(({ name }) => name).join('+'))
          for (const { name, resultsByPartition } of resultsByTopicV3AndBelow)
            if (name === 'secret') for (const p of resultsByPartition) Object.assign(p, { partitionErrorCode: 29 })
        }),
      )
      let n = 0
      world.onRequest(produce, (request) => (version === 2 && ++n === 1 ? refuseProduce(request, 29) : undefined))
      await world.until(producer.initTransactions())
      await world.failureOf(producer.transaction((transaction) => transaction.send({ topic: 'secret', value: 'a' })))
      await world.pass(1000)
      const second = world.watch(
        producer.transaction((transaction) => transaction.send({ topic: 't', partition: 0, value: 'b' })),
      )
      await world.pass(5000)
      const third = world.watch(
        producer.transaction((transaction) => transaction.send({ topic: 't', partition: 0, value: 'c' })),
      )
      await world.pass(5000)
      expect(asked).toEqual(version === 1 ? ['secret', 't', 't'] : [])
      expect(second()).toMatchObject({ state: 'fulfilled' })
      expect(third()).toMatchObject({ state: 'fulfilled' })
    })

    test('is no part of the next transaction when its leader is back', async () => {
      const world = transactionalWorld(version)
      const producer = transactionalProducer(world, { metadataMaxAgeMs: 300 })
      await world.until(producer.initTransactions())
      await world.until(producer.partitionsFor('t'))
      world.elect('t', 1, -1)
      await world.pass(1000)
      world.elect('t', 1, -1)
      world.watch(producer.transaction((transaction) => transaction.send({ topic: 't', partition: 0, value: 'x' })))
      await world.pass(1000)
      const transaction = producer.beginTransaction()
      world.watch(transaction.send({ topic: 't', partition: 1, value: 'a' }))
      await world.pass(100)
      await world.until(transaction.abort())
      const ends = requestsOf(world, 'EndTxn')
      const added = requestsOf(world, 'AddPartitionsToTxn')
      const next = producer.beginTransaction()
      world.elect('t', 1, 1)
      await world.pass(3000)
      await world.until(next.commit())
      expect(requestsOf(world, 'EndTxn')).toBe(ends)
      expect(requestsOf(world, 'AddPartitionsToTxn')).toBe(added)
    })
  },
)
