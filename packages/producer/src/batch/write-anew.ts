import { RecordBatchWriter, type Record as KafkaRecord } from '@linger/protocol'
import { BUFFER_BYTES_MAX, type BufferMemory } from '../accumulate/buffer-memory.ts'

const NO_BUFFER = Buffer.alloc(0)

/**
 * Writes records anew, into as few batches as `maxBytes` allows. A record that is larger has a batch of its own.
 *
 * Memory may be full of batches that wait for just this, so buffers are taken beyond its cap if need be. Those that the
 * records came from go back next.
 *
 * @param baseTimestamp of the batch that they came from, where they must not become longer. Default: the first record's
 */
export function writeAnew(
  records: readonly KafkaRecord[],
  maxBytes: number,
  memory: BufferMemory,
  baseTimestamp?: number,
): readonly RecordBatchWriter[] {
  const writers: RecordBatchWriter[] = []
  for (const record of records) {
    const writer = writers.at(-1)
    if (writer === undefined || !append(writer, record, maxBytes, memory)) {
      writers.push(writerWith(record, maxBytes, memory, baseTimestamp))
    }
  }
  return writers
}

function writerWith(
  record: KafkaRecord,
  maxBytes: number,
  memory: BufferMemory,
  baseTimestamp: number | undefined,
): RecordBatchWriter {
  const neededBytes = tryAppend(new RecordBatchWriter(NO_BUFFER, 0, baseTimestamp), record)
  const buffer = memory.takeBufferAnyway(neededBytes)
  const roomBytes = Math.min(buffer.length, Math.max(neededBytes, maxBytes))
  const writer = new RecordBatchWriter(buffer, roomBytes, baseTimestamp)
  tryAppend(writer, record)
  return writer
}

/** False when the batch would be larger than `maxBytes`. */
function append(writer: RecordBatchWriter, record: KafkaRecord, maxBytes: number, memory: BufferMemory): boolean {
  const neededBytes = tryAppend(writer, record)
  if (neededBytes === 0) return true
  if (neededBytes > maxBytes) return false
  const usualBytes = Math.min(writer.capacity, BUFFER_BYTES_MAX)
  const buffer = memory.takeBufferAnyway(Math.max(neededBytes - writer.length, usualBytes))
  writer.extend(buffer, Math.min(buffer.length, maxBytes - writer.length))
  return tryAppend(writer, record) === 0
}

function tryAppend(writer: RecordBatchWriter, { timestamp, key, value, headers }: KafkaRecord): number {
  return writer.tryAppend(Number(timestamp), key, value, headers)
}
