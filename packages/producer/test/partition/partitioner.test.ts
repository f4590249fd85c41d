import { describe, expect, test } from 'vitest'
import { Topic } from '../../src/accumulate/topic.ts'
import { partitionerFor, partitionerNames } from '../../src/partition/partitioner.ts'
import { SeededRandom } from '../world/seeded-random.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

function topicOf(partitions: number): Topic {
  const topic = new Topic('t')
  topic.setPartitionCount(partitions)
  return topic
}

test.each(partitionerNames)('%s stays within the partitions, with a key and without', (name) => {
  const partitioner = partitionerFor(name, new SeededRandom(7))
  for (const count of [1, 2, 7, 1000]) {
    const topic = topicOf(count)
    for (let i = 0; i < 200; i++) {
      for (const key of [null, Buffer.from(`${i}`), Buffer.alloc(0)]) {
        const partition = partitioner(topic, key)
        expect(partition).toBeGreaterThanOrEqual(0)
        expect(partition).toBeLessThan(count)
        topic.stickyPartition = -1
      }
    }
  }
})

describe('default', () => {
  test('gives an empty key a partition of its own, as any other key', () => {
    const partitioner = partitionerFor('default', new SeededRandom(1))
    const topic = topicOf(50)
    const chosen = new Set(Array.from({ length: 20 }, () => partitioner(topic, Buffer.alloc(0))))
    expect(chosen.size).toBe(1)
  })

  test('keeps records without a key together until their batch is closed', () => {
    const partitioner = partitionerFor('default', new SeededRandom(1))
    const topic = topicOf(50)
    const first = partitioner(topic, null)
    for (let i = 0; i < 20; i++) expect(partitioner(topic, null)).toBe(first)
    const chosen = new Set<number>()
    for (let i = 0; i < 200; i++) {
      topic.stickyPartition = -1
      chosen.add(partitioner(topic, null))
    }
    expect(chosen.size).toBeGreaterThan(40)
  })
})

test('round-robin goes through the partitions in turn, keys or not', () => {
  const partitioner = partitionerFor('round-robin', new SeededRandom(1))
  const topic = topicOf(3)
  const chosen = [null, Buffer.from('k'), null, null, Buffer.from('k')].map((key) => partitioner(topic, key))
  expect(chosen).toEqual([0, 1, 2, 0, 1])
})

test('round-robin leaves out partitions without a leader, as Java does', async () => {
  const world = new World({ topics: [{ name: 't', partitions: 4 }] })
  for (const partition of [0, 2]) world.elect('t', partition, -1)
  const producer = world.producer({ partitioner: 'round-robin' })
  await world.until(producer.partitionsFor('t'))
  const sent = Array.from({ length: 4 }, () => producer.send({ topic: 't', value: 'v' }))
  expect((await world.until(Promise.all(sent))).map(({ partition }) => partition)).toEqual([1, 3, 1, 3])
})

describe("a partitioner of the user's", () => {
  test.each<[unknown, string]>([
    [Number.NaN, 'the number NaN'],
    [1.5, 'the number 1.5'],
    ['1', '"1"'],
    ['length', '"length"'],
    [undefined, 'undefined'],
    [Promise.resolve(0), 'an object'],
  ])('that answers %s fails its record', async (answer, shown) => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer({ partitioner: () => unchecked(answer) })
    const error = await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
    expect(error.message).toContain(`must answer one of the partitions, not ${shown}`)
  })

  test('cannot change the list of partitions that it is given next time', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const given: (readonly number[])[] = []
    const producer = world.producer({
      partitioner: (_topic, _key, partitions) => {
        given.push([...partitions])
        return (unchecked(partitions) as number[]).pop() ?? 0
      },
    })
    for (let call = 0; call < 2; call++) {
      const error = await world.failureOf(producer.send({ topic: 't', value: 'v' }))
      expect(error.message).toContain('t: the configured partitioner threw: TypeError')
    }
    expect(given).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
  })
})

// CRC-32 of 'abc' is 0x352441c2 and of '123456789' 0xcbf43926, the check value in every description of it.
test.each([
  ['abc', 0x352441c2 % 1000],
  ['123456789', 0xcbf43926 % 1000],
])('consistent-random puts key %s where librdkafka does', (key, partition) => {
  expect(partitionerFor('consistent-random', new SeededRandom(1))(topicOf(1000), Buffer.from(key))).toBe(partition)
})

// By KafkaJS 2.2.4's LegacyPartitioner; test/partitioning compares a hundred thousand.
test.each([
  ['', 684],
  ['a', 815],
  ['user-123', 554],
  ['\u00fc\u4f60\u{1f600}', 776],
])('kafkajs-legacy puts key %j where KafkaJS did before version 2', (key, partition) => {
  expect(partitionerFor('kafkajs-legacy', new SeededRandom(1))(topicOf(1000), Buffer.from(key))).toBe(partition)
})
