import oracle from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { Partitioners, type ICustomPartitioner, type Message, type PartitionMetadata } from '../../src/index.ts'
import { legacyMurmur2 } from '@linger/producer'

const partition = (partitionId: number, leader = 1): PartitionMetadata => ({
  partitionErrorCode: 0,
  partitionId,
  leader,
  replicas: [1],
  isr: [1],
})

const seven = Array.from({ length: 7 }, (_, index) => partition(index))

function chosenBy(make: ICustomPartitioner, message: Message, partitionMetadata: PartitionMetadata[] = seven): number {
  return make()({ topic: 't', partitionMetadata, message })
}

describe.each([
  ['DefaultPartitioner', { a: 5, TT0124: 0, '100:48069': 0, 'key-1': 5 }],
  ['JavaCompatiblePartitioner', { a: 5, TT0124: 0, '100:48069': 0, 'key-1': 5 }],
  ['LegacyPartitioner', { a: 1, TT0124: 6, '100:48069': 0, 'key-1': 6 }],
] as const)('%s', (name, partitionsByKey) => {
  const make = Partitioners[name]

  test('keys go where KafkaJS has them', () => {
    for (const [key, expected] of Object.entries(partitionsByKey)) {
      expect(chosenBy(make, { key, value: 'v' }), key).toBe(expected)
      expect(chosenBy(make, { key: Buffer.from(key), value: 'v' }), key).toBe(expected)
    }
    for (let index = 0; index < 2000; index++) {
      const key = `${'k'.repeat(index % 9)}${index}`
      const theirs = oracle.Partitioners[name]()({ topic: 't', partitionMetadata: seven, message: { key, value: '' } })
      expect(chosenBy(make, { key, value: 'v' }), key).toBe(theirs)
    }
  })

  test('a partition that is named is taken, without a look at the key', () => {
    expect(chosenBy(make, { key: 'a', value: 'v', partition: 0 })).toBe(0)
    expect(chosenBy(make, { key: 'a', value: 'v', partition: 99 })).toBe(99)
  })

  test('without a key all partitions with a leader take turns', () => {
    const choose = make()
    const partitionMetadata = [partition(0), partition(1, -1), partition(2), partition(3)]
    const chosen = Array.from({ length: 9 }, () => choose({ topic: 't', partitionMetadata, message: { value: 'v' } }))
    expect(new Set(chosen.slice(0, 3))).toEqual(new Set([0, 2, 3]))
    expect(chosen.slice(3, 6)).toEqual(chosen.slice(0, 3))
    expect(chosen.slice(6)).toEqual(chosen.slice(0, 3))
  })

  test('without any leader the partitions take turns all the same', () => {
    const choose = make()
    const partitionMetadata = [partition(0, -1), partition(1, -1)]
    const chosen = [0, 1].map(() => choose({ topic: 't', partitionMetadata, message: { value: 'v' } }))
    expect(new Set(chosen)).toEqual(new Set([0, 1]))
  })
})

test('the old hash has the values of KafkaJS 1', () => {
  expect([legacyMurmur2(Buffer.from('0')), legacyMurmur2(Buffer.from('1'))]).toEqual([272_173_970, 1_311_020_360])
})
