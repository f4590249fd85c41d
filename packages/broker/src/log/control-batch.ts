import type { TransactionResult } from '../transaction/transaction-metadata.ts'
import { crc32c } from './crc32c.ts'
import { BatchField, CONTROL_BIT, LOG_OVERHEAD_BYTES, TRANSACTIONAL_BIT } from './record-batch-header.ts'

/** What a coordinator writes into a partition when a transaction has ended. */
export interface EndTransactionMarker {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly result: TransactionResult
}

const MAGIC = 2
const NO_SEQUENCE = -1
const ABORT = 0
const COMMIT = 1
/** Attributes, time and offset delta, key of 4 bytes, value of 6, no headers, and the length of all that. */
const RECORD = [16 << 1, 0, 0, 0, 4 << 1, 0, 0, 0, 0, 6 << 1, 0, 0, 0, 0, 0, 0, 0] as const
const RECORD_KEY_TYPE = BatchField.RECORDS + 7
const RECORD_COORDINATOR_EPOCH = BatchField.RECORDS + 12

/**
 * The batch with the one control record of a marker. Key and value are a version and
 *
 * ```
 * key    int16 type: 0 abort, 1 commit
 * value  int32 coordinatorEpoch
 * ```
 *
 * @source Kafka MemoryRecords.withEndTransactionMarker, EndTransactionMarker, ControlRecordType
 */
export function controlBatch(marker: EndTransactionMarker, nowMs: number): Buffer {
  const batch = Buffer.alloc(BatchField.RECORDS + RECORD.length)
  batch.writeInt32BE(batch.length - LOG_OVERHEAD_BYTES, BatchField.LENGTH)
  batch.writeInt8(MAGIC, BatchField.MAGIC)
  batch.writeInt16BE(TRANSACTIONAL_BIT | CONTROL_BIT, BatchField.ATTRIBUTES)
  batch.writeBigInt64BE(BigInt(nowMs), BatchField.BASE_TIMESTAMP)
  batch.writeBigInt64BE(BigInt(nowMs), BatchField.MAX_TIMESTAMP)
  batch.writeBigInt64BE(marker.producerId, BatchField.PRODUCER_ID)
  batch.writeInt16BE(marker.producerEpoch, BatchField.PRODUCER_EPOCH)
  batch.writeInt32BE(NO_SEQUENCE, BatchField.BASE_SEQUENCE)
  batch.writeInt32BE(1, BatchField.RECORD_COUNT)
  batch.set(RECORD, BatchField.RECORDS)
  batch.writeInt16BE(marker.result === 'commit' ? COMMIT : ABORT, RECORD_KEY_TYPE)
  batch.writeInt32BE(marker.coordinatorEpoch, RECORD_COORDINATOR_EPOCH)
  batch.writeUInt32BE(crc32c(batch.subarray(BatchField.ATTRIBUTES)), BatchField.CRC)
  return batch
}

/** What a control batch of a log says. */
export function markerIn(batch: Uint8Array): Pick<EndTransactionMarker, 'coordinatorEpoch' | 'result'> {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  return {
    coordinatorEpoch: view.getInt32(RECORD_COORDINATOR_EPOCH),
    result: view.getInt16(RECORD_KEY_TYPE) === COMMIT ? 'commit' : 'abort',
  }
}
