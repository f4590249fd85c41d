import { type RunningBroker, startBroker } from '@linger/broker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasJava } from '../conformance/java-presence.ts'
import { writeKnownRecords } from '../read-back/known-records.ts'
import { readBackAll } from '../read-back/read-back.ts'

describe.skipIf(!hasJava)('Kafka’s own Java client and the embedded broker', () => {
  const dropped: string[] = []
  let broker: RunningBroker

  beforeAll(async () => {
    const stamped = { name: 'stamped', partitions: 1, config: { 'message.timestamp.type': 'LogAppendTime' } }
    broker = await startBroker({ topics: [stamped], log: (message) => dropped.push(message) })
  })

  afterAll(async () => {
    await broker.close()
  })

  test('a producer’s records come back to a consumer that assigns itself, each as it was', async () => {
    const { bootstrapServers } = broker
    await writeKnownRecords(bootstrapServers, 'known')
    const records = await readBackAll({ bootstrapServers, topics: ['known'] })
    expect(records.map(({ offset, timestamp, key, value }) => [offset, timestamp, text(key), value?.length])).toEqual([
      [0, 1000, null, 6],
      [1, 2000, '', 12],
      [2, 3000, 'a tombstone', undefined],
      [3, 4000, 'an empty value', 0],
      [4, 5000, 'headers', 1],
      [5, 6000, 'large', 100_000],
    ])
    expect(records[4]?.headers.map(([name, value]) => [name, text(value)])).toEqual([
      ['twice', '1'],
      ['twice', '2'],
      ['null', null],
      ['empty', ''],
      ['', 'no name'],
    ])
    expect(dropped.filter((message) => message.startsWith('connection closed'))).toEqual([])
  })

  test('the idempotence of that producer is known to the partition', () => {
    const producers = broker.broker.cluster.topicNamed('known')?.partitions[0]?.log.producers
    expect([...(producers?.values() ?? [])].map(({ epoch, lastSequence }) => [epoch, lastSequence])).toEqual([[0, 5]])
  })

  test('a topic with LogAppendTime gives the consumer the time of the broker', async () => {
    const { bootstrapServers } = broker
    const before = Date.now()
    await writeKnownRecords(bootstrapServers, 'stamped')
    const records = await readBackAll({ bootstrapServers, topics: ['stamped'], isolationLevel: 'read_committed' })
    expect(new Set(records.map(({ timestampType }) => timestampType))).toEqual(new Set(['LOG_APPEND_TIME']))
    expect(records.every(({ timestamp }) => timestamp >= before && timestamp <= Date.now())).toBe(true)
    expect(records).toHaveLength(6)
  })
})

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}
