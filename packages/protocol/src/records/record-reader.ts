import { ProtocolError } from '../wire/protocol-error.ts'
import type { Reader } from '../wire/reader.ts'
import type { Record, RecordBatch, RecordHeader } from './record-batch.ts'

/**
 * Reads one record. The batch holds the base of its offset and of its timestamp.
 *
 * @source Kafka DefaultRecord
 */
export function readRecord(
  reader: Reader,
  batch: Pick<RecordBatch, 'baseOffset' | 'baseTimestamp' | 'maxTimestamp' | 'timestampType'>,
): Record {
  const sizeBytes = reader.varint()
  const end = reader.position + sizeBytes
  reader.skip(1) // attributes: none are defined for a record
  const timestampDelta = reader.varlong()
  const offsetDelta = reader.varint()
  const record = {
    offset: batch.baseOffset + BigInt(offsetDelta),
    // A broker that stamps the append time changes the batch's header only: the records keep their deltas.
    timestamp: batch.timestampType === 'LOG_APPEND_TIME' ? batch.maxTimestamp : batch.baseTimestamp + timestampDelta,
    key: nullableBytes(reader),
    value: nullableBytes(reader),
    headers: readHeaders(reader),
  }
  if (reader.position !== end) {
    throw new ProtocolError(
      'INVALID_LENGTH',
      `a record before byte ${reader.position} is not the ${sizeBytes} bytes it says`,
    )
  }
  return record
}

function readHeaders(reader: Reader): RecordHeader[] {
  const count = reader.varint()
  if (count < 0) throw new ProtocolError('INVALID_LENGTH', `${count} headers before byte ${reader.position}`)
  const headers: RecordHeader[] = []
  for (let index = 0; index < count; index++) headers.push([reader.utf8(reader.varint()), nullableBytes(reader)])
  return headers
}

function nullableBytes(reader: Reader): Uint8Array | null {
  const sizeBytes = reader.varint()
  return sizeBytes === -1 ? null : reader.raw(sizeBytes)
}
