import type { Mutant } from '../mutant.ts'

const ADMISSION = 'packages/producer/src/accumulate/admission.ts'
const MEMORY = 'packages/producer/src/accumulate/buffer-memory.ts'
const ACCUMULATOR = 'packages/producer/src/accumulate/record-accumulator.ts'
const BATCH = 'packages/producer/src/batch/producer-batch.ts'

export const memoryMutants: readonly Mutant[] = [
  {
    name: 'who finds memory passes those who wait for it',
    danger: 'records change their order',
    file: ADMISSION,
    code: 'if (this.memoryWaiterCount > 0 || !topic.hasPartition(partition)) return undefined\n',
    instead: 'if (!topic.hasPartition(partition)) return undefined\n',
  },
  {
    name: 'memory is counted and not limited',
    danger: 'bufferMemory is no cap: a slow broker ends the process',
    file: MEMORY,
    code: 'if (taken > this.#capBytes) return false\n',
    instead: '\n',
  },
  {
    name: 'buffers in the pool do not count',
    danger: 'bufferMemory is no cap: buffers of each size pile up',
    file: MEMORY,
    code: 'if (this.#takenBytes + this.#pooledBytes <= this.limitBytes) return\n',
    instead: 'if (this.limitBytes > 0) return\n',
  },
  {
    name: 'a record that waits for its topic takes memory without asking',
    danger: 'bufferMemory is no cap while metadata is missing',
    file: ADMISSION,
    code: 'if (!memory.reserve(reservedBytes)) return false\n',
    instead: 'memory.cancel(-reservedBytes)\n',
  },
  {
    name: 'a record that is refused is sent all the same',
    danger: 'the caller sends it again and it is written twice',
    file: ADMISSION,
    code: `    this.#deps.onWaiting(topic)
    return record`,
    instead: `    if (!mayWait) {
      const taken = this.#waiting(topic, partition, key, value, headers, timestamp, listener, resolve)
      taken.group.add(1)
      this.#forMemory.push(taken)
    }
    this.#deps.onWaiting(topic)
    return record`,
  },
  {
    name: 'nobody is told that there is room again',
    danger: 'produce() was refused and drained() never resolves',
    file: ADMISSION,
    code: `    this.#memoryWait.end()
    for (const run of this.#onRoom.splice(0)) run()
  }

  #waitForMemory`,
    instead: `    this.#memoryWait.end()
  }

  #waitForMemory`,
  },
  {
    name: 'places that a batch has paid for and not used are not given back',
    danger: 'memory leaks until nothing is taken any more',
    file: BATCH,
    code: 'if (unused > 0) this.#memory.release(RECORD_OVERHEAD_BYTES * unused)',
    instead: '',
  },
  {
    name: 'a batch that failed keeps what its records cost',
    danger: 'memory leaks with each failure until nothing is taken any more',
    file: BATCH,
    code: `    this.#memory.release(RECORD_OVERHEAD_BYTES * this.liveCount)
    this.#deliveries.fail(`,
    instead: '    this.#deliveries.fail(',
  },
  {
    name: 'a record that waited in vain keeps the room it had reserved',
    danger: 'memory leaks while a topic is missing until nothing is taken any more',
    file: ADMISSION,
    code: `    this.#deps.memory.release(record.reservedBytes)
    this.#tell(`,
    instead: '    this.#tell(',
  },
  {
    name: 'a record larger than maxRequestSize is let in',
    danger: 'a batch that no broker takes stops its partition',
    file: ACCUMULATOR,
    code: 'if (neededBytes > options.maxRequestSize) return neededBytes\n',
    instead: '\n',
  },
  {
    name: 'a batch takes what its buffer has room for, not batchSize',
    danger: 'batches are larger than was asked for, and than a broker may take',
    file: ACCUMULATOR,
    code: 'Math.max(neededBytes, this.#batchBytesMax(partition.topic))',
    instead: 'Infinity',
  },
  {
    name: 'a record that is taken back counts by what its callback makes of the batch',
    danger: 'flush() and close() are done too early: what is on its way is given up',
    file: BATCH,
    code: `    const isCounted = !this.#isOpen
    this.#deliveries.failOne(at, error, onThrow)
    if (isCounted)`,
    instead: `    this.#deliveries.failOne(at, error, onThrow)
    if (!this.#isOpen)`,
  },
  {
    name: 'a batch ends again when a callback has ended it',
    danger: 'two batches share one list of callbacks, and records are told the fate of others',
    file: ACCUMULATOR,
    code: `    if (batch.isSettled) return
    batch.partition.remove(batch)`,
    instead: '    batch.partition.remove(batch)',
  },
]
