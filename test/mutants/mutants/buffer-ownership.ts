import type { Mutant } from '../mutant.ts'

const BATCH = 'packages/producer/src/batch/producer-batch.ts'
const CONNECTION = 'packages/producer/src/network/connection.ts'
const WAITING = 'packages/producer/src/accumulate/waiting-record.ts'
const DELIVERIES = 'packages/producer/src/batch/deliveries.ts'
const FRAMES = 'packages/protocol/src/frames/frame-reader.ts'

const OTHERS_RECORDS = "the socket sends another topic's records with a valid checksum (CVE-2026-35554, KAFKA-19012)"

export const bufferMutants: readonly Mutant[] = [
  {
    name: 'the buffer of a batch is free when it expires',
    danger: OTHERS_RECORDS,
    file: BATCH,
    code: 'if (this.#socketCount > 0) return\n',
    instead: '\n',
  },
  {
    name: 'the buffers of a lost connection are free before its socket lets go',
    danger: OTHERS_RECORDS,
    file: CONNECTION,
    code: `    // The socket may still be reading an unwritten one: #onSocketClosed releases that.
    if (request.isWritten) request`,
    instead: '    request',
  },
  {
    name: 'the buffers of a request are free when it is answered, written or not',
    danger: OTHERS_RECORDS,
    file: CONNECTION,
    code: `      throw error
    }
    if (request.isWritten) request`,
    instead: `      throw error
    }
    request`,
  },
  {
    name: 'one socket that lets go of a batch speaks for all that hold it',
    danger: `a retry was answered while the lost connection still holds the batch: ${OTHERS_RECORDS}`,
    file: BATCH,
    code: 'this.#socketCount--',
    instead: 'this.#socketCount = 0',
  },
  {
    name: 'a request that was never written keeps its buffers for ever',
    danger: 'memory leaks with each lost connection until nothing is taken any more',
    file: CONNECTION,
    code: 'this.#writing?.exchange.onReleased?.()\n',
    instead: '\n',
  },
  {
    name: 'what waits for its topic or for memory is still the bytes of the caller',
    danger: 'a caller who uses his buffer again changes records that he has sent before',
    file: WAITING,
    code: '(bytes instanceof Uint8Array ? Uint8Array.from(bytes) : bytes) as T',
    instead: 'bytes',
  },
  {
    name: 'half an answer is kept in the memory of the socket',
    danger: 'the next bytes that arrive change it: an offset or an error that the broker never sent',
    file: FRAMES,
    code: 'if (at < bytes.length) this.#gather(bytes.subarray(at))',
    instead: 'this.#pending = bytes.subarray(at)\n this.#pendingBytes = bytes.length - at',
  },
  {
    name: 'a list of listeners that is used again remembers a promise of before',
    danger: 'the settled promise of another record is told, and a callback never is',
    file: DELIVERIES,
    code: `    if (index < this.#resolves.length) this.#resolves[index] = undefined
    try {`,
    instead: '    try {',
  },
]
