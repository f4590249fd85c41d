import type { Mutant } from '../mutant.ts'

const JUDGE = 'packages/producer/src/ack/batch-judge.ts'
const SENDER = 'packages/producer/src/sender.ts'
const QUEUE = 'packages/producer/src/accumulate/partition-queue.ts'
const ACCUMULATOR = 'packages/producer/src/accumulate/record-accumulator.ts'
const EXCHANGE = 'packages/producer/src/request/produce-exchange.ts'
const POSITIONS = 'packages/producer/src/request/partition-positions.ts'
const BACKOFF = 'packages/producer/src/backoff.ts'

export const retryMutants: readonly Mutant[] = [
  {
    name: 'a retry goes to the back of its partition',
    danger: 'records change their order, and with idempotence the broker refuses what overtakes',
    file: JUDGE,
    code: 'partition.closed.unshift(batch)',
    instead: 'partition.closed.push(batch)',
  },
  {
    name: 'the newest batch of a partition leaves first',
    danger: 'records change their order',
    file: QUEUE,
    code: 'return this.closed.shift()',
    instead: 'return this.closed.pop()',
  },
  {
    name: 'a partition does not remember that it has a batch in flight',
    danger: 'the second batch can be written without the first: out of order for ever (KAFKA-15591, kafkajs #598)',
    file: SENDER,
    code: 'batch.partition.inFlight = batch\n',
    instead: '\n',
  },
  {
    name: 'a new leader is sent the next batch while the old one still has the last',
    danger: 'the last one comes back refused and is then behind the next',
    file: SENDER,
    code: 'partition.retryAtMs = 0 // another broker',
    instead: 'partition.inFlight = undefined\n    partition.retryAtMs = 0 // another broker',
  },
  {
    name: 'a batch that was settled is sent again when its connection is lost',
    danger: 'it lands after it was called failed, and before what was sent before it',
    file: JUDGE,
    code: 'if (batch.isSettled) return\n',
    instead: '\n',
  },
  {
    name: 'an acknowledged batch is sent again because its answer named another leader',
    danger: 'it is written twice where there is no idempotence',
    file: JUDGE,
    code: `    this.#leaveFlight(batch)
    batch.acknowledge(`,
    instead: `    if (batch.attempts > 1) batch.partition.closed.unshift(batch)
    this.#leaveFlight(batch)
    batch.acknowledge(`,
  },
  {
    name: 'nobody is told that a partition may send its next batch',
    danger: 'a partition stalls until something else happens to it (kafkajs #918)',
    file: JUDGE,
    code: 'if (partition.closed.length > 0 || partition.open !== undefined) this.#deps.onReady(partition)',
    instead: '',
  },
  {
    name: 'a failed attempt is followed by the next one at once',
    danger: 'a cluster in trouble is asked without a pause, and the event loop does nothing else',
    file: BACKOFF,
    code: 'return Math.min(maxMs, plainMs * (0.8 + 0.4 * random.next()))',
    instead: 'return 0 * random.next() * Math.min(maxMs, plainMs)',
  },
  {
    name: 'the pieces of a batch that was split go to the back of their partition',
    danger: 'records change their order',
    file: ACCUMULATOR,
    code: 'closed.unshift(...batch.split(topic.batchBytesMax))',
    instead: 'closed.push(...batch.split(topic.batchBytesMax))',
  },
  {
    name: 'the pieces of a batch that was split count on from where the whole has ended',
    danger: 'the broker never saw the sequences of the whole, and refuses theirs',
    file: JUDGE,
    code: "stamp.onFailed(batch, 'rewind')\n",
    instead: '\n',
  },
  {
    name: 'a batch that is answered is lost as well',
    danger: 'one that was refused is queued twice, and sent again after it was acknowledged',
    file: EXCHANGE,
    code: 'unanswered[at] = undefined\n',
    instead: '\n',
  },
  {
    name: 'a partition that an answer leaves out was written',
    danger: 'records are acknowledged of which nothing is known',
    file: EXCHANGE,
    code: "this.#events.onLost(batch, new Error('the broker answered without a word on this partition'))",
    instead: 'this.#events.onHandedOver(batch)',
  },
  {
    name: 'answers are brought to the batches by their place in the request',
    danger: 'a batch gets the error or the offset of another partition',
    file: POSITIONS,
    code: 'if (next !== undefined && next.index === index && next.topicKey === topicKey) return expected',
    instead: 'if (next !== undefined) return expected',
  },
]
