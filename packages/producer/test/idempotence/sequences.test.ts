import { expect, test } from 'vitest'
import { bumped } from '../../src/idempotence/producer-identity.ts'
import { sequenceAfter } from '../../src/idempotence/sequences.ts'

const SEQUENCE_MAX = 2_147_483_647

/** @source Kafka DefaultRecordBatch.incrementSequence: 0 follows 2_147_483_647 */
test.each([
  [0, 1, 1],
  [7, 5, 12],
  [SEQUENCE_MAX - 1, 1, SEQUENCE_MAX],
  [SEQUENCE_MAX, 1, 0],
  [SEQUENCE_MAX, 2, 1],
  [SEQUENCE_MAX - 4, 10, 5],
  [1, SEQUENCE_MAX, 0],
  [SEQUENCE_MAX, SEQUENCE_MAX, SEQUENCE_MAX - 1],
])('after %i and %i records comes %i', (sequence, count, next) => {
  expect(sequenceAfter(sequence, count)).toBe(next)
})

test('an epoch counts up to 32767, and then only a new producer id helps', () => {
  expect(bumped({ producerId: 7n, epoch: 0 })).toEqual({ producerId: 7n, epoch: 1 })
  expect(bumped({ producerId: 7n, epoch: 32_766 })).toEqual({ producerId: 7n, epoch: 32_767 })
  expect(bumped({ producerId: 7n, epoch: 32_767 })).toBeUndefined()
})
