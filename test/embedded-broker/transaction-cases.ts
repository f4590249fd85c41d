import type { TransactionalWire } from './transactional-wire.ts'

type Step = (tx: TransactionalWire) => unknown

/** What is asked of two brokers, one question after the other; both must give the same answers. */
export interface TransactionCase {
  readonly name: string
  readonly steps: readonly Step[]
}

const OLD = 4
const NEW = 5
const LAST_EPOCH = 32_766
const IN_FLIGHT = 1000

const init: Step = (tx) => tx.init()
const add: Step = (tx) => tx.add()
const log: Step = (tx) => tx.log()
const state: Step = (tx) => tx.state()
const offsets: Step = (tx) => tx.offsets()
const write =
  (sequence: number, version = 11): Step =>
  (tx) =>
    tx.write({ sequence, version })
const end =
  (committed: boolean, version: number): Step =>
  (tx) =>
    tx.end(committed, version)
const epoch =
  (change: number): Step =>
  (tx) =>
    tx.pretend({ producerEpoch: tx.producerEpoch + change })
const otherId: Step = (tx) => tx.pretend({ producerId: tx.producerId + 100_000n })
/** It goes on as if its last request had got no answer. */
const again =
  (committed: boolean, version: number, then = committed): Step =>
  async (tx) => {
    const { producer } = tx
    const first = await tx.end(committed, version)
    tx.pretend(producer)
    return [first, await tx.end(then, version)]
  }

const protocols = [OLD, NEW]
const outcomes = [true, false]
const inWords = (committed: boolean): string => (committed ? 'commit' : 'abort')

const INIT: readonly TransactionCase[] = [
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

const ADD: readonly TransactionCase[] = [
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

const END: readonly TransactionCase[] = protocols.flatMap((version) => [
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

const versionsOfEnd: readonly TransactionCase[] = [0, 1, 2, 3, 4, 5].map((version) => ({
  name: `EndTxn ${version} with an old epoch`,
  steps: [init, init, add, epoch(-1), end(true, version)],
}))

const PRODUCE: readonly TransactionCase[] = [
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

const OFFSETS: readonly TransactionCase[] = [
  ...outcomes.map((committed): TransactionCase => ({
    name: `offsets of the old protocol, ${inWords(committed)}`,
    steps: [
      init,
      (tx) => tx.addOffsets(),
      (tx) => tx.commitOffsets(5n),
      offsets,
      (tx) => tx.commitOffsets(7n),
      end(committed, OLD),
      offsets,
    ],
  })),
  ...outcomes.map((committed): TransactionCase => ({
    name: `offsets of the new protocol, ${inWords(committed)}`,
    steps: [init, (tx) => tx.commitOffsets(5n, {}, 5), offsets, end(committed, NEW), offsets, state],
  })),
  ...[0, 1, 2, 3, 4, 5].flatMap((version): TransactionCase[] => [
    {
      name: `TxnOffsetCommit ${version} that was not added`,
      steps: [init, (tx) => tx.commitOffsets(5n, {}, version), offsets],
    },
    {
      name: `TxnOffsetCommit ${version} with a wrong epoch or id`,
      steps: [
        init,
        init,
        (tx) => tx.addOffsets(),
        epoch(-1),
        (tx) => tx.commitOffsets(5n, {}, version),
        epoch(2),
        (tx) => tx.commitOffsets(5n, {}, version),
        epoch(-1),
        otherId,
        (tx) => tx.commitOffsets(5n, {}, version),
      ],
    },
    {
      name: `TxnOffsetCommit ${version} by an old epoch after the new one`,
      steps: [
        init,
        init,
        (tx) => tx.addOffsets(),
        (tx) => tx.commitOffsets(5n, {}, version),
        epoch(-1),
        (tx) => tx.commitOffsets(6n, {}, version),
        end(true, OLD),
        epoch(1),
        end(true, OLD),
        offsets,
      ],
    },
    {
      name: `TxnOffsetCommit ${version} without group, or of an unknown partition or topic`,
      steps: [
        init,
        (tx) => tx.addOffsets(),
        (tx) => tx.commitOffsets(5n, { groupId: '' }, version),
        ...[(tx: TransactionalWire) => tx.topic, () => 'nowhere'].map(
          (topicOf: (tx: TransactionalWire) => string): Step =>
            (tx) =>
              tx.commitOffsets(
                5n,
                {
                  topics: [
                    {
                      name: topicOf(tx),
                      partitions: [0, 9].map((partitionIndex) => ({
                        partitionIndex,
                        committedOffset: 5n,
                        committedMetadata: null,
                      })),
                    },
                  ],
                },
                version,
              ),
        ),
      ],
    },
  ]),
  ...[3, 4, 5].map((version): TransactionCase => ({
    name: `TxnOffsetCommit ${version} of a group that has no members`,
    steps: [
      init,
      (tx) => tx.addOffsets(),
      (tx) => tx.commitOffsets(5n, { generationId: 1 }, version),
      (tx) => tx.commitOffsets(5n, { memberId: 'm' }, version),
      (tx) => tx.commitOffsets(5n, { generationId: 1, memberId: 'm' }, version),
      (tx) => tx.commitOffsets(5n, { groupInstanceId: 'i' }, version),
      (tx) => tx.commitOffsets(5n, { generationId: 1, groupInstanceId: 'i' }, version),
      offsets,
    ],
  })),
]

const TIMEOUTS: readonly TransactionCase[] = [
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

const EPOCHS: readonly TransactionCase[] = [
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

const TOLD: readonly TransactionCase[] = [
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

export const TRANSACTIONS: readonly TransactionCase[] = [
  ...TOLD,
  ...INIT,
  ...ADD,
  ...END,
  ...versionsOfEnd,
  ...PRODUCE,
  ...OFFSETS,
  ...TIMEOUTS,
  ...EPOCHS,
]
