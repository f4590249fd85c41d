import { produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import type { KafkaError } from '../../src/index.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_ENOUGH_REPLICAS = 19
const INVALID_RECORD = 87

/** Of a record that brokers refuse so, again and again. */
async function errorOf(errorCode: number, errorMessage: string | null): Promise<KafkaError> {
  const world = new World()
  const producer = world.producer({ deliveryTimeoutMs: 3_000, requestTimeoutMs: 1_000 })
  world.onRequest(produce, (request) => refuseProduce(request, errorCode, errorMessage))
  return world.failureOf(producer.send('t', 'x'))
}

test('DELIVERY_TIMEOUT says what the broker answered to the last attempt, in its own words if it has any', async () => {
  const plain = await errorOf(NOT_ENOUGH_REPLICAS, null)
  expect(plain).toMatchObject({ code: 'DELIVERY_TIMEOUT', retriable: true, partition: 0 })
  expect(plain.message).toMatch(
    /^t-0: 1 record, \d+ attempts in 3000 ms: no acknowledgement within deliveryTimeoutMs; /,
  )
  expect(plain.message).toMatch(/the last attempt: NOT_ENOUGH_REPLICAS: \w.+$/)
  const own = await errorOf(NOT_ENOUGH_REPLICAS, 'two of three are away')
  expect(own.message).toMatch(/the last attempt: NOT_ENOUGH_REPLICAS: two of three are away$/)
})

test('S18: the words of a broker are one printable line, and not a long one', async () => {
  const written = `refused\u0000\u001b[31m\n\u2028\u202e${'x'.repeat(5000)}`
  const read = `refused?[31m?${'x'.repeat(487)}...`
  expect((await errorOf(INVALID_RECORD, written)).message).toMatch(
    new RegExp(`ms: ${read.replaceAll(/[?[.]/g, '\\$&')}$`),
  )
  expect((await errorOf(NOT_ENOUGH_REPLICAS, written)).message).toContain(`NOT_ENOUGH_REPLICAS: ${read}`)
  expect((await errorOf(INVALID_RECORD, 'отказано: ключа нет')).message).toMatch(/ms: отказано: ключа нет$/)
})

test('a refusal has the words of the broker, if it has any, and no advice for another error', async () => {
  const plain = await errorOf(INVALID_RECORD, null)
  expect(plain).toMatchObject({ code: 'INVALID_RECORD', retriable: false, outcome: 'never', partition: 0 })
  expect(plain.message).toMatch(/^t-0: 1 record, 1 attempt in \d+ ms: \w.+$/)
  expect(plain.message).not.toContain('make the record smaller')
  expect((await errorOf(INVALID_RECORD, 'it has no key')).message).toMatch(/ms: it has no key$/)
})
