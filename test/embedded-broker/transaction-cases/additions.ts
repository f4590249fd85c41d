import { add, epoch, init, otherId, state, type Step, type TransactionCase } from './steps.ts'

export const additions: readonly TransactionCase[] = [
  { name: 'add before init', steps: [add, (tx) => tx.addOffsets(), (tx) => tx.commitOffsets(1n)] },
  {
    name: 'add in every version',
    steps: [
      init,
      ...[0, 1, 2, 3].map(
        (version): Step =>
          (tx) =>
            tx.add([0], version),
      ),
    ],
  },
  { name: 'add twice, and another one', steps: [init, add, state, add, (tx) => tx.add([0, 1]), state] },
  {
    name: 'add what does not exist, alone and with others',
    steps: [init, (tx) => tx.add([5]), (tx) => tx.add([0, 5]), (tx) => tx.add([0], 3, 'nowhere'), state],
  },
  {
    name: 'add and offsets with a wrong epoch, in every version',
    steps: [
      init,
      init,
      epoch(-1),
      ...[0, 1, 2, 3].map(
        (version): Step =>
          (tx) =>
            tx.add([0], version),
      ),
      ...[0, 1, 2, 3].map(
        (version): Step =>
          (tx) =>
            tx.addOffsets(version),
      ),
      epoch(2),
      add,
      (tx) => tx.addOffsets(),
    ],
  },
  { name: 'add and offsets with another id', steps: [init, otherId, add, (tx) => tx.addOffsets()] },
  {
    name: 'offsets in every version',
    steps: [
      init,
      ...[0, 1, 2, 3, 4].map(
        (v): Step =>
          (tx) =>
            tx.addOffsets(v),
      ),
      state,
    ],
  },
]
