import { expect, test } from 'vitest'
import { failureOf, useLocalBroker } from '../local-broker.ts'

const MESSAGE_TOO_LARGE = 10

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 1 }], requestLog: { count: 1000 } })
const messages = [{ value: 'v' }]

test('after a send that failed only an abort leads on, where KafkaJS commits the rest', async () => {
  const producer = local.kafka().producer({ transactionalId: 'failed-send' })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic: 'orders', messages })
  local.cluster.faults.push({ api: 'Produce' }, { kind: 'error', errorCode: MESSAGE_TOO_LARGE })
  const refused = await failureOf(transaction.send({ topic: 'orders', messages }))
  expect(refused).toMatchObject({ name: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE' })
  expect(await failureOf(transaction.commit())).toMatchObject({ type: 'MESSAGE_TOO_LARGE' })
  expect(transaction.isActive()).toBe(true)
  await transaction.abort()
  const next = await producer.transaction()
  expect(await next.send({ topic: 'orders', messages })).toHaveLength(1)
  await next.commit()
  await producer.disconnect()
})

test('a transaction that is open at disconnect is aborted, and another can begin after it', async () => {
  const producer = local.kafka().producer({ transactionalId: 'left-open' })
  await producer.connect()
  const left = await producer.transaction()
  await left.send({ topic: 'orders', messages })
  local.cluster.requests.clear()
  await producer.disconnect()
  expect(local.cluster.requests.entries.map(({ apiName }) => apiName)).toEqual(['EndTxn'])
  expect(left.isActive()).toBe(false)
  await producer.connect()
  const next = await producer.transaction()
  await next.send({ topic: 'orders', messages })
  await next.commit()
  await producer.disconnect()
})
