import { COMPRESSION_TYPES, decompress } from '@linger/compression'

/** How many sequences there are: they wrap from 2^31 - 1 to 0. */
export const SEQUENCES = 2 ** 31

const ATTRIBUTES_AT = 21
const COMPRESSION_MASK = 0b111
const TRANSACTIONAL_MASK = 0b1_0000
const HEADER_BYTES = 61

/** More than any batch of a simulation holds. */
const CONTENT_BYTES_MAX = 100_000_000

/** A record batch as it stands on the wire. */
export interface WireBatch {
  readonly bytes: Buffer
  /** Behind the header, decompressed: the same records may be compressed anew. */
  readonly records: Buffer
  readonly crc: number
  readonly producerId: bigint
  readonly epoch: number
  readonly baseSequence: number
  readonly recordCount: number
  readonly isTransactional: boolean
  /** Producer id and epoch. */
  readonly epochName: string
  /** Producer id, epoch and base sequence. */
  readonly stampName: string
}

/** @source Kafka org.apache.kafka.common.record.DefaultRecordBatch */
export function batchAt(records: Uint8Array): WireBatch {
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength)
  const producerId = bytes.readBigInt64BE(43)
  const epoch = bytes.readInt16BE(51)
  const baseSequence = bytes.readInt32BE(53)
  const epochName = `producer id ${producerId}, epoch ${epoch}`
  return {
    bytes,
    records: recordsIn(bytes),
    crc: bytes.readUInt32BE(17),
    producerId,
    epoch,
    baseSequence,
    recordCount: bytes.readInt32BE(57),
    isTransactional: (bytes.readInt16BE(ATTRIBUTES_AT) & TRANSACTIONAL_MASK) !== 0,
    epochName,
    stampName: `${epochName}, sequence ${baseSequence}`,
  }
}

function recordsIn(bytes: Buffer): Buffer {
  const records = bytes.subarray(HEADER_BYTES)
  const compression = COMPRESSION_TYPES[(bytes.readInt16BE(ATTRIBUTES_AT) & COMPRESSION_MASK) - 1]
  return compression === undefined ? records : decompress(compression, records, { maxBytes: CONTENT_BYTES_MAX })
}
