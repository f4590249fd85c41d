import { describe, expect, test } from 'vitest'
import { topicConfigFrom } from '../../src/cluster/topic-config.ts'
import { ErrorCode } from '../../src/error-code.ts'
import { PartitionLog } from '../../src/log/partition-log.ts'
import { RecordsRefused } from '../../src/log/records-refused.ts'
import { BASE_TIMESTAMP, type BatchFields, idempotentBatch } from '../record-batch.ts'

const config = topicConfigFrom({})
const SEQUENCE_MAX = 2 ** 31 - 1

/** A batch of the producer with id 7, and the base offset or error code that it must get. */
interface Step {
  readonly epoch?: number
  readonly sequence: number
  readonly count?: number
  readonly gets: { readonly offset: number } | { readonly error: ErrorCode }
}

function play(steps: readonly Step[]): void {
  const log = new PartitionLog()
  for (const [index, { epoch = 0, sequence, count = 1, gets }] of steps.entries()) {
    expect(append(log, sequence, count, { producerEpoch: epoch }), `step ${index}`).toEqual(gets)
  }
}

function append(log: PartitionLog, sequence: number, count: number, fields: BatchFields = {}): Step['gets'] {
  try {
    const { baseOffset } = log.append(idempotentBatch(sequence, count, fields), 0, config, BASE_TIMESTAMP)
    return { offset: baseOffset }
  } catch (error) {
    if (error instanceof RecordsRefused) return { error: error.errorCode }
    throw error
  }
}

const offset = (value: number) => ({ offset: value })
const outOfOrder = { error: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER }
const staleEpoch = { error: ErrorCode.INVALID_PRODUCER_EPOCH }

const HISTORIES: readonly [name: string, steps: readonly Step[]][] = [
  [
    'sequences go on where the last batch ended',
    [
      { sequence: 0, count: 3, gets: offset(0) },
      { sequence: 3, count: 2, gets: offset(3) },
      { sequence: 5, gets: offset(5) },
    ],
  ],
  [
    'a gap is out of order, and what was missing may still come',
    [
      { sequence: 0, gets: offset(0) },
      { sequence: 2, gets: outOfOrder },
      { sequence: 1, gets: offset(1) },
      { sequence: 2, gets: offset(2) },
    ],
  ],
  [
    'each of the last five batches is known again and keeps its offset',
    [
      ...[0, 1, 2, 3, 4].map((sequence) => ({ sequence, gets: offset(sequence) })),
      ...[0, 4, 2, 1, 3].map((sequence) => ({ sequence, gets: offset(sequence) })),
      { sequence: 5, gets: offset(5) },
    ],
  ],
  [
    'a sixth batch makes the first unknown',
    [
      ...[0, 1, 2, 3, 4, 5].map((sequence) => ({ sequence, gets: offset(sequence) })),
      { sequence: 0, gets: outOfOrder },
      { sequence: 1, gets: offset(1) },
    ],
  ],
  [
    'a part of a known batch, or one that goes beyond it, is no duplicate',
    [
      { sequence: 0, count: 4, gets: offset(0) },
      { sequence: 0, count: 3, gets: outOfOrder },
      { sequence: 1, count: 3, gets: outOfOrder },
      { sequence: 0, count: 5, gets: outOfOrder },
      { sequence: 0, count: 4, gets: offset(0) },
    ],
  ],
  [
    'two batches together are not a duplicate of each',
    [
      { sequence: 0, gets: offset(0) },
      { sequence: 1, gets: offset(1) },
      { sequence: 0, count: 2, gets: outOfOrder },
    ],
  ],
  [
    'a producer that is not known may begin anywhere',
    [
      { sequence: 42, gets: offset(0) },
      { sequence: 43, gets: offset(1) },
      { sequence: 42, gets: offset(0) },
    ],
  ],
  [
    'an older epoch is refused, even for a batch that was appended with it',
    [
      { epoch: 1, sequence: 0, gets: offset(0) },
      { epoch: 2, sequence: 0, gets: offset(1) },
      { epoch: 1, sequence: 0, gets: staleEpoch },
      { epoch: 1, sequence: 1, gets: staleEpoch },
      { epoch: 0, sequence: 0, gets: staleEpoch },
    ],
  ],
  [
    'a newer epoch must begin at 0, and until it does the old one goes on',
    [
      { epoch: 0, sequence: 0, gets: offset(0) },
      { epoch: 1, sequence: 1, gets: outOfOrder },
      { epoch: 0, sequence: 1, gets: offset(1) },
      { epoch: 1, sequence: 0, gets: offset(2) },
      { epoch: 1, sequence: 1, gets: offset(3) },
    ],
  ],
  [
    'batches of the old epoch are no duplicates in the new one',
    [
      { epoch: 0, sequence: 0, gets: offset(0) },
      { epoch: 0, sequence: 1, gets: offset(1) },
      { epoch: 1, sequence: 0, gets: offset(2) },
      { epoch: 1, sequence: 1, gets: offset(3) },
      { epoch: 1, sequence: 1, gets: offset(3) },
    ],
  ],
  [
    'after the largest sequence comes 0',
    [
      { sequence: SEQUENCE_MAX, gets: offset(0) },
      { sequence: 1, gets: outOfOrder },
      { sequence: 0, gets: offset(1) },
      { sequence: 1, gets: offset(2) },
      { sequence: SEQUENCE_MAX, gets: offset(0) },
    ],
  ],
  [
    'a batch may wrap inside, and is known again',
    [
      { sequence: SEQUENCE_MAX - 1, count: 4, gets: offset(0) },
      { sequence: SEQUENCE_MAX - 1, count: 4, gets: offset(0) },
      { sequence: 1, gets: outOfOrder },
      { sequence: 2, gets: offset(4) },
    ],
  ],
]

describe('a partition judges the sequences of a producer', () => {
  test.each(HISTORIES)('%s', (_, steps) => {
    play(steps)
  })

  test('producers do not disturb each other, and batches without id disturb nobody', () => {
    const log = new PartitionLog()
    expect(append(log, 0, 1, { producerId: 1n })).toEqual(offset(0))
    expect(append(log, 0, 1, { producerId: 2n })).toEqual(offset(1))
    expect(append(log, -1, 1, { producerId: -1n, producerEpoch: -1 })).toEqual(offset(2))
    expect(append(log, 1, 1, { producerId: 1n })).toEqual(offset(3))
    expect(append(log, 0, 1, { producerId: 2n })).toEqual(offset(1))
    expect([...log.producers.keys()]).toEqual([1n, 2n])
  })

  test('a duplicate is not appended a second time', () => {
    const log = new PartitionLog()
    append(log, 0, 3)
    append(log, 0, 3)
    expect(log.endOffset).toBe(3)
  })

  test('a refused batch leaves log and state as they were', () => {
    const log = new PartitionLog()
    append(log, 0, 1)
    append(log, 5, 1)
    append(log, 7, 1, { producerEpoch: 3 })
    expect(log.endOffset).toBe(1)
    expect(log.producers.get(7n)).toMatchObject({ epoch: 0, lastSequence: 0 })
  })
})
