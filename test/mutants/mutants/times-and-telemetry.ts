import type { Mutant } from '../mutant.ts'

const DELAYED = 'packages/producer/src/timed/delayed-records.ts'
const EXPIRING = 'packages/producer/src/timed/expiring-records.ts'
const REPORTER = 'packages/producer/src/telemetry/telemetry-reporter.ts'
const TIME_QUEUE = 'packages/producer/src/timed/time-queue.ts'

export const timeAndTelemetryMutants: readonly Mutant[] = [
  {
    name: 'a record expires although it was sent',
    danger: "it is in the log, and said never to be; a user's retry writes it twice",
    file: 'packages/producer/src/accumulate/record-accumulator.ts',
    code: 'if (batch.attempts > 0 || batch.isSettled) return\n',
    instead: 'if (batch.isSettled) return\n',
  },
  {
    name: 'records expire after what is ready was sent',
    danger: 'a record is handed to a broker when nobody wants it any more',
    file: 'packages/producer/src/timed/timed-records.ts',
    code: '    this.expiring.run(nowMs)\n',
    instead: '',
  },
  {
    name: 'a ttlMs begins when the record has found memory',
    danger: 'a record that waits for memory or for its topic is told much later than it asked to be',
    file: EXPIRING,
    code: "if (place === undefined) return !('batch' in taken) && !taken.isSettled",
    instead: "if (place === undefined) return !('batch' in taken) && taken.place !== undefined",
  },
  {
    name: 'records to watch are forgotten when there are many',
    danger: 'some never expire',
    file: EXPIRING,
    code: 'if (this.#queue.length < this.#keptMax) return\n',
    instead: 'if (this.#queue.length < 16) return\n    this.#queue.keep(() => false)\n',
  },
  {
    name: 'delayed records are let in in the order of their calls',
    danger: 'a record waits for another whose time is later',
    file: TIME_QUEUE,
    code: 'return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order)',
    instead: 'return a.order < b.order',
  },
  {
    name: 'of delayed records with one time the last is first',
    danger: 'records of one call are out of order',
    file: TIME_QUEUE,
    code: '(a.timeMs === b.timeMs && a.order < b.order)',
    instead: '(a.timeMs === b.timeMs && a.order > b.order)',
  },
  {
    name: 'a delayed record that is discarded keeps its memory',
    danger: 'bufferMemory shrinks with every close and every abort',
    file: DELAYED,
    code: '    this.#deps.memory.release(delayed.reservedBytes)\n',
    instead: '',
  },
  {
    name: 'a delayed record that was taken back is let in when its time comes',
    danger: 'it is written, and was said never to be',
    file: DELAYED,
    code: 'if (next.isHeld) this.#letIn(next)',
    instead: 'this.#letIn(next)',
  },
  {
    name: 'metrics are pushed again at once',
    danger: 'brokers have more to do with metrics than with records',
    file: REPORTER,
    code: 'atMs: this.#deps.clock.now() + subscription.pushIntervalMs, subscription',
    instead: 'atMs: this.#deps.clock.now(), subscription',
  },
  {
    name: 'the last push of metrics is not the last',
    danger: 'a broker forgets the producer, is asked anew, and remembers it for ever',
    file: REPORTER,
    code: 'if (terminating) this.#end()\n      else if (response === undefined)',
    instead: 'if (response === undefined)',
  },
]
