/** How many sequences there are: they wrap from 2^31 - 1 to 0. */
export const SEQUENCES = 2 ** 31

/** A record batch as it stands on the wire. */
export interface WireBatch {
  readonly bytes: Buffer
  /** Behind the header. */
  readonly records: Buffer
  readonly crc: number
  readonly producerId: bigint
  readonly epoch: number
  readonly baseSequence: number
  readonly recordCount: number
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
    records: bytes.subarray(61),
    crc: bytes.readUInt32BE(17),
    producerId,
    epoch,
    baseSequence,
    recordCount: bytes.readInt32BE(57),
    epochName,
    stampName: `${epochName}, sequence ${baseSequence}`,
  }
}
