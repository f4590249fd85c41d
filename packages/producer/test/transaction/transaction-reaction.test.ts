import { errorCodes } from '@linger/protocol'
import { expect, test } from 'vitest'
import {
  decisiveCode,
  reactionTo,
  type Reaction,
  type TransactionalApi,
} from '../../src/transaction/transaction-reaction.ts'

/**
 * What each API makes of each code, written by hand from Kafka's TransactionManager. Codes that are not listed are fatal,
 * but for AddPartitionsToTxn, which lists those that are and ends the transaction for the rest.
 */
const TABLE: Readonly<Record<TransactionalApi, Partial<Record<Reaction, readonly number[]>>>> = {
  FindCoordinator: {
    DONE: [0],
    RETRY: [
      2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106,
      122, 123, 133,
    ],
    ABORT: [30, 120],
  },
  InitProducerId: {
    DONE: [0],
    RETRY: [
      2, 3, 5, 6, 7, 9, 13, 14, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122, 123,
      133,
    ],
    FIND_COORDINATOR: [15, 16],
    ABORT: [31, 53, 120],
  },
  AddPartitionsToTxn: {
    DONE: [0],
    RETRY: [
      2, 3, 5, 6, 7, 9, 13, 14, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122, 123,
      133,
    ],
    FIND_COORDINATOR: [15, 16],
    ABORT_AND_BUMP: [59],
    FATAL: [47, 48, 49, 53, 90],
  },
  AddOffsetsToTxn: {
    DONE: [0],
    RETRY: [
      2, 3, 5, 6, 7, 9, 13, 14, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122, 123,
      133,
    ],
    FIND_COORDINATOR: [15, 16],
    ABORT: [30, 120],
    ABORT_AND_BUMP: [59],
  },
  TxnOffsetCommit: {
    DONE: [0],
    RETRY: [
      2, 3, 5, 6, 9, 13, 14, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122, 123,
      133,
    ],
    FIND_COORDINATOR: [7, 15, 16],
    ABORT: [22, 25, 30, 82, 120],
  },
  DescribeTransactions: { DONE: errorCodes.map(({ code }) => code) },
  'EndTxn (commit)': {
    DONE: [0],
    RETRY: [
      2, 3, 5, 6, 7, 9, 13, 14, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122, 123,
      133,
    ],
    FIND_COORDINATOR: [15, 16],
    ABORT: [120],
    ABORT_AND_BUMP: [59],
    START_ANEW: [48],
  },
  'EndTxn (abort)': {
    DONE: [0],
    RETRY: [
      2, 3, 5, 6, 7, 9, 13, 14, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103, 106, 122, 123,
      133,
    ],
    FIND_COORDINATOR: [15, 16],
    START_ANEW: [48, 59],
  },
}

const apis: readonly TransactionalApi[] = [
  'FindCoordinator',
  'InitProducerId',
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'TxnOffsetCommit',
  'EndTxn (commit)',
  'EndTxn (abort)',
  'DescribeTransactions',
]
const reactions: readonly Reaction[] = [
  'DONE',
  'RETRY',
  'FIND_COORDINATOR',
  'ABORT',
  'ABORT_AND_BUMP',
  'START_ANEW',
  'FATAL',
]

const cells = apis.flatMap((api) =>
  errorCodes.map(({ code, name }) => {
    const listed = reactions.find((reaction) => TABLE[api][reaction]?.includes(code))
    return { api, code, name, reaction: listed ?? (api === 'AddPartitionsToTxn' ? 'ABORT' : 'FATAL') }
  }),
)

test.each(cells)('$name ($code) to $api: $reaction', ({ api, code, reaction }) => {
  expect(reactionTo(api, code)).toBe(reaction)
})

test('a code that Kafka does not have yet is fatal', () => {
  expect(reactionTo('AddOffsetsToTxn', 31_000)).toBe('FATAL')
})

test.each([
  { codes: [0, 0], decisive: 0, why: 'all are done' },
  {
    codes: [0, 3, 16],
    decisive: 16,
    why: 'a coordinator that moved is looked for, whatever else is to be tried again',
  },
  { codes: [55, 3], decisive: 3, why: 'what was not attempted is tried again with what can be tried again' },
  { codes: [55, 29, 55], decisive: 29, why: 'the refusal decides, not what was not attempted because of it' },
  { codes: [55, 0], decisive: 55, why: 'what was not attempted alone cannot go on' },
  { codes: [29, 47, 3], decisive: 47, why: 'what is fatal decides over all' },
])('of $codes $decisive decides: $why', ({ codes, decisive }) => {
  expect(decisiveCode('AddPartitionsToTxn', codes)).toBe(decisive)
})
