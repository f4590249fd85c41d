import type { Mutant } from '../mutant.ts'

const WRITER = 'packages/protocol/src/records/record-batch-writer.ts'
const DELIVERIES = 'packages/producer/src/batch/deliveries.ts'
const TOLD_TIMES = 'packages/producer/src/batch/told-times.ts'
const SENDER = 'packages/producer/src/sender.ts'

export const batchByteMutants: readonly Mutant[] = [
  {
    name: 'the checksum of a batch in several buffers covers the first one',
    danger: 'every large batch is refused as corrupt',
    file: WRITER,
    code: 'for (const piece of rest) crc = crc32c(piece, crc)',
    instead: '',
  },
  {
    name: 'a batch is sent with whatever else its buffer held',
    danger: 'bytes that the caller never passed are on the wire',
    file: WRITER,
    code: 'const last = this.#bytes.subarray(0, this.#end)',
    instead: 'const last = this.#bytes',
  },
  {
    name: 'a batch claims one record more than it has',
    danger: 'the broker refuses it, or skips an offset',
    file: WRITER,
    code: 'first.writeInt32BE(this.#recordCount - 1, 23)',
    instead: 'first.writeInt32BE(this.#recordCount, 23)',
  },
  {
    name: 'a tombstone is written as an empty value',
    danger: 'a compacted topic never deletes the key',
    file: WRITER,
    code: 'if (value === null) bytes[at++] = NULL_SIZE\n    else if (typeof value',
    instead: 'if (value === null) bytes[at++] = 0\n    else if (typeof value',
  },
  {
    name: 'the bytes of a text are counted as its letters',
    danger: 'texts that are not ASCII end early, and the next record begins inside of them',
    file: WRITER,
    code: 'if (text.length > 32) return Buffer.byteLength(text)',
    instead: 'if (text.length > 32) return text.length',
  },
  {
    name: 'a record in a second buffer has no headers',
    danger: 'bytes of the record are lost',
    file: WRITER,
    code: 'const hasHeaders = headers.length > 0\n',
    instead: 'const hasHeaders = headers.length > 0 && this.#fullBytes === 0\n',
  },
  {
    name: 'the records of a batch all have its first timestamp',
    danger: 'retention and readers by time see another time than was sent',
    file: WRITER,
    code: 'const timestampDelta = timestamp - this.#baseTimestamp',
    instead: 'const timestampDelta = 0 * (timestamp - this.#baseTimestamp)',
  },
  {
    name: 'all records of a batch are told its first offset',
    danger: 'two records at one offset (platformatic/kafka #326)',
    file: DELIVERIES,
    code: 'baseOffset + index',
    instead: 'baseOffset + 0 * index',
  },
  {
    name: 'records are told their own time where the broker gives it',
    danger: 'a timestamp that is not in the log (LogAppendTime)',
    file: TOLD_TIMES,
    code: 'const isOwnTime = logAppendTimeMs < 0 || isDuplicatesTime',
    instead: 'const isOwnTime = logAppendTimeMs < 0 || isDuplicatesTime || logAppendTimeMs > 0',
  },
  {
    name: 'records are told the time of the first one of their batch',
    danger: 'a timestamp that is not in the log',
    file: TOLD_TIMES,
    code: 'timestampRuns: writer.timestampRuns',
    instead: 'timestampRuns: undefined',
  },
  {
    name: 'a request is as large as all that is ready',
    danger: 'more than maxProduceRequestBytes: the broker ends the connection',
    file: SENDER,
    code: 'sizeBytes + nextSizeOf(partition) > options.maxProduceRequestBytes',
    instead: 'sizeBytes + nextSizeOf(partition) > Infinity * options.maxProduceRequestBytes',
  },
]
