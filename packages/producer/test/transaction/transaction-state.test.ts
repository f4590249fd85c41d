import { expect, test } from 'vitest'
import { isLegalMove, type TransactionStateName } from '../../src/transaction/transaction-state.ts'

/** Rows: from. Columns: to, in the same order. Written by hand from Kafka's own table; x is legal. */
const TABLE = `
                        UNINIT INIT READY IN COMMIT ABORT ABORTABLE FATAL
UNINITIALIZED           .      x    .     .  .      .     .         x
INITIALIZING            .      .    x     .  .      .     x         x
READY                   x      .    .     x  .      .     .         x
IN_TRANSACTION          .      .    .     .  x      x     x         x
COMMITTING_TRANSACTION  .      x    x     .  .      .     x         x
ABORTING_TRANSACTION    .      x    x     .  .      .     .         x
ABORTABLE_ERROR         x      .    .     .  .      x     x         x
FATAL_ERROR             .      .    .     .  .      .     .         x
`

const names: readonly TransactionStateName[] = [
  'UNINITIALIZED',
  'INITIALIZING',
  'READY',
  'IN_TRANSACTION',
  'COMMITTING_TRANSACTION',
  'ABORTING_TRANSACTION',
  'ABORTABLE_ERROR',
  'FATAL_ERROR',
]
const rows = TABLE.trim()
  .split('\n')
  .slice(1)
  .map((line) => line.trim().split(/\s+/))
const cells = names.flatMap((from) =>
  names.map((to, index) => ({ from, to, isLegal: rows.find(([name]) => name === from)?.[index + 1] === 'x' })),
)

test('the table has a cell for every pair of states', () => {
  expect(rows.map((row) => row.length)).toEqual(names.map(() => 1 + names.length))
})

test.each(cells)('from $from to $to is legal: $isLegal', ({ from, to, isLegal }) => {
  expect(isLegalMove(from, to)).toBe(isLegal)
})
