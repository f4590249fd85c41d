import type { Mutant } from '../mutant.ts'

const STAMP = 'packages/producer/src/idempotence/batch-stamp.ts'
const SEQUENCES = 'packages/producer/src/idempotence/sequences.ts'
const IDENTITY = 'packages/producer/src/idempotence/producer-identity.ts'
const JUDGE = 'packages/producer/src/ack/batch-judge.ts'
const METADATA = 'packages/producer/src/cluster/metadata.ts'

export const sequenceMutants: readonly Mutant[] = [
  {
    name: 'sequences go on beyond 2^31',
    danger: 'after two thousand million records nothing can be sent any more (franz-go before 1.9.0)',
    file: SEQUENCES,
    code: 'return sequence > SEQUENCE_MAX - count ? count - (SEQUENCE_MAX - sequence) - 1 : sequence + count',
    instead: 'return sequence + count',
  },
  {
    name: 'sequences wrap from 2^31 - 1 to 1',
    danger: 'the broker expects 0 and refuses all that follows',
    file: SEQUENCES,
    code: 'count - (SEQUENCE_MAX - sequence) - 1',
    instead: 'count - (SEQUENCE_MAX - sequence)',
  },
  {
    name: 'a batch that ends at sequence 2^31 - 1 is followed by 2^31 - 1',
    danger: 'one sequence is given twice: the record is taken for a duplicate, or refused',
    file: SEQUENCES,
    code: 'sequence > SEQUENCE_MAX - count ?',
    instead: 'sequence === SEQUENCE_MAX - count + 1 ? SEQUENCE_MAX : sequence > SEQUENCE_MAX - count ?',
  },
  {
    name: 'a batch takes one sequence, however many records it has',
    danger: 'the next batch overlaps it and is refused, or taken for it',
    file: STAMP,
    code: 'next: sequenceAfter(baseSequence, batch.recordCount)',
    instead: 'next: sequenceAfter(baseSequence, 1)',
  },
  {
    name: 'each batch starts at sequence 0',
    danger: 'a new batch is taken for the last one: acknowledged, and thrown away (platformatic/kafka #326)',
    file: STAMP,
    code: 'partition.sequence?.identity === identity ? partition.sequence.next : 0',
    instead: '0',
  },
  {
    name: 'a partition that had no failure goes on counting in a new epoch',
    danger: 'the broker wants 0 in a new epoch and refuses for ever (KAFKA-12152, Dekaf #3342)',
    file: STAMP,
    code: 'partition.sequence?.identity === identity ? partition.sequence.next : 0',
    instead: 'partition.sequence?.next ?? 0',
  },
  {
    name: 'a bump leaves the epoch as it is',
    danger: 'sequences start again in an epoch that had them: new records are taken for old ones',
    file: IDENTITY,
    code: '{ producerId, epoch: epoch + 1 }',
    instead: '{ producerId, epoch }',
  },
  {
    name: 'the epoch wraps to 0 after 32,767',
    danger: 'the broker fences a lower epoch for ever (librdkafka #3720)',
    file: IDENTITY,
    code: 'epoch < EPOCH_MAX ? { producerId, epoch: epoch + 1 } : undefined',
    instead: '{ producerId, epoch: (epoch + 1) % (EPOCH_MAX + 1) }',
  },
  {
    name: 'a definite refusal does not rewind the sequence',
    danger: 'it leaves a gap that the broker does not accept',
    file: STAMP,
    code: `      this.#rewind(partition, seal)
      return`,
    instead: '      return',
  },
  {
    name: 'the sequence is rewound by one less than the refused batch had',
    danger: 'the next batch follows on nothing, or has a sequence of the one before',
    file: STAMP,
    code: 'partition.sequence = { identity, next: baseSequence }',
    instead: 'partition.sequence = { identity, next: sequenceAfter(baseSequence, 1) }',
  },
  {
    name: 'the next batch takes the sequences of one that may have been written',
    danger: 'it is taken for the old one: acknowledged, and thrown away (franz-go #1217)',
    file: STAMP,
    code: "if (step === 'rewind') {",
    instead: "if (step !== 'reset') {",
  },
  {
    name: 'after a batch of unknown outcome the sequences go on',
    danger: 'if it was not written they have a gap that the broker never accepts (librdkafka #4438)',
    file: STAMP,
    code: 'this.#ids.retire(seal, step)\n',
    instead: "if (step === 'reset') this.#ids.retire(seal, step)\n",
  },
  {
    name: 'sequences start again when a topic is unknown for a moment',
    danger: 'new records are taken for old ones: acknowledged, and thrown away (librdkafka before 1.9.0)',
    file: METADATA,
    code: 'topic.lastError = errorFor(errorCode).name',
    instead: `topic.lastError = errorFor(errorCode).name
      for (const partition of topic.partitions) partition.sequence = undefined`,
  },
  {
    name: 'a topic that was made anew starts its sequences again in the same epoch',
    danger: 'a batch on its way to the old log lands in the new one, and the next is taken for it',
    file: STAMP,
    code: "this.#ids.retire({ producerId, producerEpoch: epoch }, 'bump')",
    instead: '',
  },
  {
    name: 'a retry gets new sequences',
    danger: 'the broker does not know it again and writes it twice, or refuses it (librdkafka #4736)',
    file: JUDGE,
    code: 'batch.mayBeWritten = decision.mayBeWritten\n',
    instead: 'batch.mayBeWritten = decision.mayBeWritten\n        batch.unseal()\n',
  },
  {
    name: 'a batch whose connection was lost is stamped anew in a new epoch',
    danger: 'it lands twice if it had arrived (librdkafka #4953)',
    file: JUDGE,
    code: 'this.#mayRetry(batch)) this.#retry(batch)',
    instead:
      "this.#mayRetry(batch)) {\n      this.#deps.stamp.onFailed(batch, 'bump')\n      batch.unseal()\n      this.#retry(batch)\n    }",
  },
]
