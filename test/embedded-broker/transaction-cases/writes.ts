import {
  add,
  end,
  epoch,
  init,
  log,
  NEW,
  OLD,
  otherId,
  outcomes,
  state,
  type Step,
  type TransactionCase,
  write,
} from './steps.ts'

export const writes: readonly TransactionCase[] = [
  ...[9, 10, 11, 12].flatMap((version): TransactionCase[] => [
    { name: `Produce ${version} of a partition that was not added`, steps: [init, write(0, version), state, log] },
    {
      name: `Produce ${version} of a partition that was not added, beside one that was`,
      steps: [init, add, write(0, version), (tx) => tx.write({ version, partition: 1 }), state],
    },
    {
      name: `Produce ${version} before init`,
      steps: [(tx) => tx.write({ version, fields: { producerId: 77_777n, producerEpoch: 0 } })],
    },
    {
      name: `Produce ${version} with an old epoch, before and after the new one has written`,
      steps: [
        init,
        init,
        epoch(-1),
        write(0, version),
        epoch(1),
        add,
        write(0, version),
        epoch(-1),
        write(1, version),
        log,
      ],
    },
    { name: `Produce ${version} with an epoch of the future`, steps: [init, epoch(1), write(0, version), log] },
    { name: `Produce ${version} with another id`, steps: [init, add, otherId, write(0, version)] },
    {
      name: `Produce ${version} without transactional id`,
      steps: [init, add, (tx) => tx.write({ version, transactionalId: null })],
    },
    {
      name: `Produce ${version} with another transactional id`,
      steps: [init, add, (tx) => tx.write({ version, transactionalId: 'nobody' })],
    },
    {
      name: `Produce ${version} after the end`,
      steps: [init, add, write(0, version), end(true, OLD), write(1, version), state, log],
    },
    {
      name: `Produce ${version} that begins anywhere, and the batch before it`,
      steps: [init, add, write(5, version), write(0, version), write(6, version), log],
    },
    { name: `Produce ${version} of a duplicate`, steps: [init, add, write(0, version), write(0, version), log] },
    {
      name: `Produce ${version} without the transactional bit in a transaction`,
      steps: [init, add, write(0, version), (tx) => tx.write({ version, sequence: 1, fields: { attributes: 0 } }), log],
    },
  ]),
  {
    name: 'sequences go on over transactions of the old protocol',
    steps: [init, add, write(0), end(true, OLD), add, write(0), write(1), end(false, OLD), add, write(2), log],
  },
  {
    name: 'sequences begin anew with each transaction of the new protocol',
    steps: [init, write(0, 12), end(true, NEW), write(1, 12), write(0, 12), end(false, NEW), write(0, 12), log, state],
  },
  {
    name: 'aborted and committed transactions around an open one',
    steps: [
      init,
      write(0, 12),
      end(false, NEW),
      write(0, 12),
      write(1, 12),
      end(true, NEW),
      write(0, 12),
      end(false, NEW),
      write(0, 12),
      log,
    ],
  },
  {
    name: 'records of the next transaction that do not wait for the markers of the last',
    steps: [
      init,
      write(0, 12),
      ...outcomes.flatMap((committed): Step[] => [(tx) => tx.endAtOnce(committed, NEW), write(0, 12)]),
      log,
    ],
  },
  {
    name: 'old and new protocol in turn',
    steps: [
      init,
      add,
      write(0),
      end(true, NEW),
      add,
      write(0),
      end(true, OLD),
      write(1, 12),
      end(true, NEW),
      log,
      state,
    ],
  },
]
