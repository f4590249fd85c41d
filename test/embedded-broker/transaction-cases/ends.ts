import type { TransactionalWire } from '../transactional-wire.ts'
import {
  add,
  again,
  end,
  epoch,
  init,
  inWords,
  log,
  NEW,
  OLD,
  otherId,
  outcomes,
  protocols,
  state,
  type TransactionCase,
  write,
} from './steps.ts'

/** Given to a client; the one after it is for fencing it. */
const LAST_EPOCH = 32_766
const IN_FLIGHT = 1000

const byEveryProtocol: readonly TransactionCase[] = protocols.flatMap((version) => [
  { name: `EndTxn ${version} before init`, steps: [end(true, version), end(false, version)] },
  ...outcomes.flatMap((committed): TransactionCase[] => [
    {
      name: `EndTxn ${version}: ${inWords(committed)} of nothing`,
      steps: [init, end(committed, version), state, end(committed, version), state],
    },
    {
      name: `EndTxn ${version}: ${inWords(committed)} of records, and again`,
      steps: [init, add, write(0), write(1), log, again(committed, version), state, log],
    },
    {
      name: `EndTxn ${version}: ${inWords(committed)}, and then the other`,
      steps: [init, add, write(0), again(committed, version, !committed), state, log],
    },
    {
      name: `EndTxn ${version}: ${inWords(committed)} of a partition without records`,
      steps: [init, (tx) => tx.add([0, 1]), write(0), end(committed, version), log, (tx) => tx.log(1)],
    },
    {
      name: `EndTxn ${version}: ${inWords(committed)} with a wrong epoch or id`,
      steps: [
        init,
        init,
        add,
        epoch(-1),
        end(committed, version),
        epoch(2),
        end(committed, version),
        epoch(-1),
        otherId,
        end(committed, version),
      ],
    },
    {
      name: `EndTxn ${version}: ${inWords(committed)} of nothing after a transaction of each kind`,
      steps: outcomes.flatMap((first) => [init, add, end(first, version), end(committed, version), state]),
    },
  ]),
])

const byEveryVersion: readonly TransactionCase[] = [0, 1, 2, 3, 4, 5].map((version) => ({
  name: `EndTxn ${version} with an old epoch`,
  steps: [init, init, add, epoch(-1), end(true, version)],
}))

const byTheClock: readonly TransactionCase[] = [
  {
    name: 'a transaction that ran out of time',
    steps: [
      (tx) => tx.init({ timeoutMs: 100 }),
      add,
      write(0),
      untilAborted,
      state,
      log,
      write(1),
      add,
      end(true, OLD),
      end(false, NEW),
      end(true, NEW),
      (tx) => tx.init({ expected: tx.producer }),
    ],
  },
]

async function untilAborted(tx: TransactionalWire): Promise<void> {
  while ((await tx.state()).transactionState !== 'CompleteAbort') continue
}

const atTheLastEpoch: readonly TransactionCase[] = [
  {
    name: 'the last epochs of an id',
    steps: [
      init,
      async (tx) => {
        while (tx.producerEpoch < LAST_EPOCH - 1) {
          const remaining = Math.min(LAST_EPOCH - 1 - tx.producerEpoch, IN_FLIGHT)
          await Promise.all(Array.from({ length: remaining }, () => tx.init()))
        }
      },
      state,
      write(0, 12),
      end(true, NEW),
      again(false, NEW),
      state,
      log,
      init,
      state,
    ],
  },
]

/**
 * A producer of v2 is fenced by one of v1, which ends a transaction: its epoch stays, and is the one that an end of the
 * first would have led to.
 */
const byTwins: readonly TransactionCase[] = outcomes.flatMap((first) =>
  outcomes.map((then) => ({
    name: `EndTxn 5: ${inWords(then)} by who is fenced, after EndTxn 4: ${inWords(first)} by the successor`,
    steps: [init, init, add, write(0), end(first, OLD), epoch(-1), end(then, NEW), state, write(1, 12), log],
  })),
)

export const ends: readonly TransactionCase[] = [
  ...byEveryProtocol,
  ...byEveryVersion,
  ...byTheClock,
  ...byTwins,
  ...atTheLastEpoch,
]
