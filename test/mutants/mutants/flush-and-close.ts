import type { Mutant } from '../mutant.ts'

const FLUSHES = 'packages/producer/src/accumulate/flushes.ts'
const ADMISSION = 'packages/producer/src/accumulate/admission.ts'
const ENGINE = 'packages/producer/src/engine.ts'
const SENDER = 'packages/producer/src/sender.ts'
const CLUSTER = 'packages/producer/src/cluster/cluster.ts'
const JUDGE = 'packages/producer/src/ack/batch-judge.ts'
const LIFECYCLE = 'packages/producer/src/lifecycle.ts'

const TOO_EARLY = 'flush() is done while records are on their way: a process that ends then loses them'

export const flushMutants: readonly Mutant[] = [
  {
    name: 'a flush does not wait for records that wait for memory or their topic',
    danger: TOO_EARLY,
    file: FLUSHES,
    code: 'const waiting = unfinished([...this.#waiting, admission.group])',
    instead: 'const waiting = unfinished([])',
  },
  {
    name: 'a flush does not wait for what an earlier flush still waits for',
    danger: TOO_EARLY,
    file: FLUSHES,
    code: 'batched = unfinished([...this.#batched, accumulator.group])',
    instead: 'batched = unfinished([accumulator.group])',
  },
  {
    name: 'a flush does not wait for batches that are still open',
    danger: TOO_EARLY,
    file: FLUSHES,
    code: '      this.#closeOpenBatches()\n',
    instead: '',
  },
  {
    name: 'a flush does not wait for the pieces of a batch that was split',
    danger: `${TOO_EARLY} (KAFKA-19479)`,
    file: JUDGE,
    code: "stamp.onFailed(batch, 'rewind')\n        this",
    instead: "stamp.onFailed(batch, 'rewind')\n        batch.group.leave(batch.liveCount)\n        this",
  },
  {
    name: 'a record that got memory is waited for for ever',
    danger: 'flush() and close() never end',
    file: ADMISSION,
    code: `      if (!this.#append(record)) return false
      record.group.leave(record.recordCount)`,
    instead: '      if (!this.#append(record)) return false',
  },
  {
    name: 'close() does not send what is buffered',
    danger: 'records are discarded although there was all the time to send them',
    file: LIFECYCLE,
    code: 'this.flush(timeoutMs)',
    instead: 'Promise.resolve(0)',
  },
  {
    name: "close() says 'never' of what is in flight",
    danger: 'the records may be in the log',
    file: JUDGE,
    code: 'const isUnknown = batch.partition.inFlight === batch || batch.mayBeWritten',
    instead: 'const isUnknown = batch.mayBeWritten',
  },
  {
    name: "close() says 'never' of what waits for its retry",
    danger: 'the records may be in the log',
    file: JUDGE,
    code: 'const isUnknown = batch.partition.inFlight === batch || batch.mayBeWritten',
    instead: 'const isUnknown = batch.partition.inFlight === batch',
  },
  {
    name: 'close() forgets the records that wait for memory or their topic',
    danger: 'promises that never settle (franz-go: Produce after Close)',
    file: ENGINE,
    code: "this.admission.failAll(errorFor('never'))",
    instead: '',
  },
  {
    name: 'close() leaves its connections open',
    danger: 'a process that never ends',
    file: CLUSTER,
    code: 'for (const node of this.#nodes) node.close(error)',
    instead: 'for (const node of this.#bootstrap) node.close(error)',
  },
  {
    name: 'close() leaves its timer set',
    danger: 'a process that does not end when it should',
    file: SENDER,
    code: 'this.#deps.clock.wakeAt(Infinity, () => {})',
    instead: '',
  },
  {
    name: 'a producer that is closed goes on sending',
    danger: 'it connects again, and sends records that were called failed',
    file: SENDER,
    code: `    this.#isClosed = true
    this.#deps.clock.wakeAt(Infinity, () => {})`,
    instead: '',
  },
]
