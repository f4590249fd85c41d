import { init, OLD, type Step, type TransactionCase } from './steps.ts'

export const told: readonly TransactionCase[] = [
  {
    name: 'the feature',
    steps: [3, 4].map(
      (version): Step =>
        (tx) =>
          tx.feature(version),
    ),
  },
  {
    name: 'transactions that are described, or listed',
    steps: [
      (tx) => tx.describe(['', 'nobody']),
      (tx) => tx.list(),
      init,
      ...['Empty', 'Ongoing', 'CompleteAbort'].flatMap((name): Step[] => [
        (tx) => tx.list(),
        (tx) => tx.list({ stateFilters: [name] }),
        (tx) => tx.list({ stateFilters: [name, 'Nonsense'] }),
        (tx) => tx.list({ producerIdFilters: [tx.producerId] }),
        (tx) => tx.list({ producerIdFilters: [tx.producerId + 100_000n] }),
        (tx) => tx.list({ durationFilter: 3_600_000n }),
        (tx) => tx.list({ transactionalIdPattern: `${tx.transactionalId.slice(0, 10)}.*` }),
        (tx) => tx.list({ transactionalIdPattern: 'x' }),
        (tx) => tx.list({ transactionalIdPattern: '(' }),
        (tx) => (name === 'Empty' ? tx.add() : tx.end(false, OLD)),
      ]),
    ],
  },
]
