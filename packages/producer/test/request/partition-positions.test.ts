import { expect, test } from 'vitest'
import { PartitionPositions } from '../../src/request/partition-positions.ts'

test.each([
  ['in the order of the request', (at: number) => at],
  ['the other way round', (at: number, count: number) => count - 1 - at],
  ['in the order of a hash table', (at: number, count: number) => (at * 7919) % count],
])('the partitions of a large request are found without a search for each, %s', (_what, answered) => {
  const count = 2_000
  let reads = 0
  const requested = Array.from({ length: count }, (_, at) => ({
    topicKey: at % 2 === 0 ? 'even' : 'odd',
    get index() {
      reads++
      return Math.floor(at / 2)
    },
  }))
  const positions = new PartitionPositions(requested)
  for (let next = 0; next < count; next++) {
    const at = answered(next, count)
    expect(positions.find(next, at % 2 === 0 ? 'even' : 'odd', Math.floor(at / 2))).toBe(at)
  }
  expect(reads).toBeLessThanOrEqual(2 * count)
})

test('a partition that was not asked for has no position, whatever is expected', () => {
  const positions = new PartitionPositions([
    { topicKey: 'a', index: 0 },
    { topicKey: undefined, index: 1 },
  ])
  expect([0, 1, 2].map((expected) => positions.find(expected, 'a', 1))).toEqual([-1, -1, -1])
  expect([0, 1, 2].map((expected) => positions.find(expected, 'b', 0))).toEqual([-1, -1, -1])
  expect([0, 1, 2].map((expected) => positions.find(expected, 'a', 0))).toEqual([0, 0, 0])
})
