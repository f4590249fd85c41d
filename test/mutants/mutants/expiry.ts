import type { Mutant } from '../mutant.ts'

const ADMISSION = 'packages/producer/src/accumulate/admission.ts'
const ACCUMULATOR = 'packages/producer/src/accumulate/record-accumulator.ts'
const JUDGE = 'packages/producer/src/ack/batch-judge.ts'

export const expiryMutants: readonly Mutant[] = [
  {
    name: 'a lost connection proves that nothing was written',
    danger:
      "says 'never' of records that are in the log (kafkajs rejects them all alike, and its users send them again)",
    file: JUDGE,
    code: "lost(batch, this.#ageOf(batch), 'unknown', error)",
    instead: "lost(batch, this.#ageOf(batch), 'never', error)",
  },
  {
    name: 'a batch that expires in flight was never written',
    danger: 'the records may be in the log',
    file: JUDGE,
    code: 'batch.mayBeWritten ||= isInFlight\n',
    instead: '\n',
  },
  {
    name: 'a batch that expires between two attempts was never written',
    danger: 'the first attempt may be in the log',
    file: JUDGE,
    code: 'batch.mayBeWritten ||= isInFlight\n',
    instead: 'batch.mayBeWritten = isInFlight\n',
  },
  {
    name: 'what follows a batch that expired in flight takes its sequences',
    danger: 'it is taken for the expired one: acknowledged, and thrown away (librdkafka #4438)',
    file: JUDGE,
    code: "outcome === 'unknown' ? 'bump' : 'rewind'",
    instead: "'rewind'",
  },
  {
    name: 'a batch that expires in flight leaves its connection open',
    danger: 'its late bytes meet what follows in its partition',
    file: JUDGE,
    code: 'if (isInFlight && batch.sentTo !== undefined) connections.add(batch.sentTo)',
    instead: '',
  },
  {
    name: 'a batch that expired stays in its queue',
    danger: 'it is sent after its records were called failed',
    file: JUDGE,
    code: `      partition.remove(batch)
      this.#fail(batch, error, outcome`,
    instead: '      this.#fail(batch, error, outcome',
  },
  {
    name: 'batches expire only while they are in flight',
    danger: 'records of a partition without a leader are settled much too late, or never',
    file: JUDGE,
    code: 'if (batch.createdMs + this.#deps.options.deliveryTimeoutMs > nowMs) break',
    instead:
      'if (batch.createdMs + this.#deps.options.deliveryTimeoutMs > nowMs || batch.partition.inFlight !== batch) break',
  },
  {
    name: 'deliveryTimeoutMs is per attempt',
    danger: 'records are settled much too late',
    file: JUDGE,
    code: 'if (batch.createdMs + this.#deps.options.deliveryTimeoutMs > nowMs) break',
    instead: 'if (batch.createdMs + this.#deps.options.deliveryTimeoutMs * Math.max(1, batch.attempts) > nowMs) break',
  },
  {
    name: 'the pieces of a batch that was split have no end',
    danger: 'they are never failed: promises that never settle',
    file: ACCUMULATOR,
    code: 'if (batch.pieces.length > 0) this.#byAge.unshift(batch.pieces)',
    instead: '',
  },
  {
    name: 'a record that waits for its topic or for memory may wait ten times maxBlockMs',
    danger: 'records are settled much too late',
    file: ADMISSION,
    code: 'const deadlineMs = clock.now() + options.maxBlockMs',
    instead: 'const deadlineMs = clock.now() + 10 * options.maxBlockMs + 300_000',
  },
]
