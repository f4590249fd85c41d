import type { TransactionalWire } from '../transactional-wire.ts'
import { add, end, epoch, init, log, OLD, state, type Step, type TransactionCase, write } from './steps.ts'

export const beginnings: readonly TransactionCase[] = [
  { name: 'init in every version', steps: [0, 1, 2, 3, 4, 5].map((version) => (tx) => tx.init({ version })) },
  { name: 'init twice', steps: [init, state, init, state] },
  {
    name: 'timeouts that are too long, or none',
    steps: [900_001, 900_000, 0, -1].map(
      (timeoutMs): Step =>
        (tx) =>
          tx.init({ timeoutMs }),
    ),
  },
  {
    name: 'init with the present epoch, and again with it',
    steps: [
      init,
      async (tx) => {
        const expected = tx.producer
        return [await tx.init({ expected }), await tx.init({ expected }), await tx.init({ expected: tx.producer })]
      },
      state,
    ],
  },
  {
    name: 'init with an epoch of long ago, of the future, and with another id',
    steps: [
      init,
      init,
      init,
      init,
      (tx) => tx.init({ expected: { ...tx.producer, producerEpoch: 0 } }),
      (tx) => tx.init({ expected: { ...tx.producer, producerEpoch: 10 } }),
      (tx) => tx.init({ expected: { ...tx.producer, producerId: tx.producerId + 100_000n } }),
      (tx) => tx.init({ version: 3, expected: { ...tx.producer, producerEpoch: 0 } }),
    ],
  },
  {
    name: 'init with an id and an epoch, where nothing is known',
    steps: [(tx) => tx.init({ expected: { producerId: 123_456n, producerEpoch: 5 } }), state],
  },
  {
    name: 'init in a transaction fences and aborts it',
    steps: [
      init,
      add,
      write(0),
      log,
      (tx) => tx.init(),
      (tx) => untilGiven(tx),
      state,
      log,
      write(1),
      epoch(-1),
      write(1),
      add,
      end(true, OLD),
    ],
  },
]

/** The abort of the transaction that was open is not through at once. */
async function untilGiven(tx: TransactionalWire): Promise<unknown> {
  const CONCURRENT_TRANSACTIONS = 51
  for (;;) {
    const answer = await tx.init()
    if (answer.errorCode !== CONCURRENT_TRANSACTIONS) return answer
  }
}
