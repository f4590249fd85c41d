import type { TransactionalWire } from '../transactional-wire.ts'
import {
  end,
  epoch,
  init,
  inWords,
  NEW,
  offsets,
  OLD,
  otherId,
  outcomes,
  state,
  type Step,
  type TransactionCase,
} from './steps.ts'

export const consumerOffsets: readonly TransactionCase[] = [
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
