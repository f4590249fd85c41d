import { ProtocolError } from '../wire/protocol-error.ts'
import { Reader } from '../wire/reader.ts'
import { crc32c } from './crc32c.ts'
import { type Compression, COMPRESSIONS, type Record, type RecordBatch } from './record-batch.ts'
import { readRecord } from './record-reader.ts'

/** Bytes before the size of a batch has been read: baseOffset and batchLength. */
const PREFIX_BYTES = 12
const HEADER_BYTES = 61
/** The checksum covers everything behind it. */
const CRC_COVERS_FROM = 21
const MAGIC = 2

const COMPRESSION_MASK = 0b111
const LOG_APPEND_TIME_BIT = 1 << 3
const TRANSACTIONAL_BIT = 1 << 4
const CONTROL_BIT = 1 << 5

export interface ReadRecordBatchesOptions {
  /** Makes plain bytes of compressed ones. Its errors become a ProtocolError CORRUPT. */
  readonly decompress?: (compression: Exclude<Compression, 'none'>, bytes: Uint8Array) => Uint8Array
  /**
   * What to do when the last batch is cut off. A broker cuts a Fetch response at the byte limit, wherever that falls;
   * a reader skips what it got of that batch and fetches it again. Default: refuse, with TRUNCATED.
   */
  readonly cutLastBatch?: 'refuse' | 'skip'
}

/**
 * Reads record batches of magic 2, one after the other, and checks the CRC of each.
 *
 * @throws ProtocolError at the first batch that is cut, corrupt, or of another magic
 * @source Kafka DefaultRecordBatch
 */
export function readRecordBatches(bytes: Uint8Array, options: ReadRecordBatchesOptions = {}): RecordBatch[] {
  const batches: RecordBatch[] = []
  let offset = 0
  while (offset < bytes.length) {
    const sizeBytes = batchSizeAt(bytes, offset)
    if (sizeBytes === undefined || offset + sizeBytes > bytes.length) {
      if (options.cutLastBatch === 'skip') break
      throw new ProtocolError('TRUNCATED', `the batch at byte ${offset} is cut after ${bytes.length - offset} bytes`)
    }
    batches.push(readBatch(bytes.subarray(offset, offset + sizeBytes), options))
    offset += sizeBytes
  }
  return batches
}

/** Undefined when the bytes end before the size. */
function batchSizeAt(bytes: Uint8Array, offset: number): number | undefined {
  if (bytes.length - offset < PREFIX_BYTES) return undefined
  const batchLength = new Reader(bytes, offset + 8).int32()
  if (batchLength < HEADER_BYTES - PREFIX_BYTES) {
    throw new ProtocolError('INVALID_LENGTH', `a batch of length ${batchLength} at byte ${offset}`)
  }
  return PREFIX_BYTES + batchLength
}

function readBatch(bytes: Uint8Array, options: ReadRecordBatchesOptions): RecordBatch {
  const reader = new Reader(bytes)
  const baseOffset = reader.int64()
  reader.skip(4)
  const partitionLeaderEpoch = reader.int32()
  const magic = reader.int8()
  if (magic !== MAGIC) throw new ProtocolError('UNSUPPORTED_VERSION', `a batch of magic ${magic}: only 2 is read`)
  const crc = reader.uint32()
  checkCrc(bytes, crc)

  const attributes = reader.int16()
  const header = {
    baseOffset,
    partitionLeaderEpoch,
    crc,
    attributes,
    compression: compressionOf(attributes),
    timestampType: (attributes & LOG_APPEND_TIME_BIT) === 0 ? 'CREATE_TIME' : 'LOG_APPEND_TIME',
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
    lastOffsetDelta: reader.int32(),
    baseTimestamp: reader.int64(),
    maxTimestamp: reader.int64(),
    producerId: reader.int64(),
    producerEpoch: reader.int16(),
    baseSequence: reader.int32(),
  } as const
  const recordCount = reader.int32()
  const content = decompressed(header.compression, bytes.subarray(HEADER_BYTES), options)
  return { ...header, records: readRecords(content, recordCount, header), sizeBytes: bytes.length }
}

function readRecords(
  content: Uint8Array,
  count: number,
  header: Pick<RecordBatch, 'baseOffset' | 'baseTimestamp' | 'maxTimestamp' | 'timestampType'>,
): Record[] {
  if (count < 0) throw new ProtocolError('INVALID_LENGTH', `a batch of ${count} records`)
  // Grown by push: no room is made for a count before its records are there.
  const reader = new Reader(content)
  const records: Record[] = []
  for (let index = 0; index < count; index++) records.push(readRecord(reader, header))
  if (reader.remaining > 0) {
    throw new ProtocolError('TRAILING_BYTES', `${reader.remaining} bytes follow the last of ${count} records`)
  }
  return records
}

function checkCrc(bytes: Uint8Array, crc: number): void {
  const actual = crc32c(bytes.subarray(CRC_COVERS_FROM))
  if (actual !== crc) throw new ProtocolError('CORRUPT', `the CRC-32C of a batch is ${actual}, and it says ${crc}`)
}

function compressionOf(attributes: number): Compression {
  const compression = COMPRESSIONS[attributes & COMPRESSION_MASK]
  if (compression !== undefined) return compression
  throw new ProtocolError('INVALID_VALUE', `compression ${attributes & COMPRESSION_MASK} is not one of Kafka's`)
}

function decompressed(compression: Compression, bytes: Uint8Array, options: ReadRecordBatchesOptions): Uint8Array {
  if (compression === 'none') return bytes
  if (options.decompress === undefined) {
    throw new ProtocolError('INVALID_VALUE', `a batch is compressed with ${compression}, and no decompress was given`)
  }
  try {
    return options.decompress(compression, bytes)
  } catch (cause) {
    throw new ProtocolError('CORRUPT', `a batch does not decompress with ${compression}`, { cause })
  }
}
