/** A record of a test batch. What is not given is small and right. */
export interface RecordFields {
  readonly key?: string | null
  readonly value?: string | null
  readonly headers?: readonly (readonly [key: string | null, value: string | null])[]
  readonly timestampDelta?: number
  readonly offsetDelta?: number
  /** Replaces everything after the record's length. */
  readonly body?: Buffer
  /** Replaces the length that `body` has. */
  readonly length?: number
}

/** A batch of magic 2, with any of its fields wrong. */
export interface BatchFields {
  readonly baseOffset?: bigint
  readonly length?: number
  readonly magic?: number
  readonly crc?: number
  readonly attributes?: number
  readonly lastOffsetDelta?: number
  readonly baseTimestamp?: number
  readonly maxTimestamp?: number
  readonly producerId?: bigint
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly recordCount?: number
  readonly records?: readonly RecordFields[]
  /** Replaces the bytes that `records` make. */
  readonly recordBytes?: Buffer
}

export const BASE_TIMESTAMP = 1_700_000_000_000

/**
 * Builds a batch byte by byte from the description of the format, sharing nothing with the code that reads or writes
 * batches here.
 *
 * @source https://kafka.apache.org/documentation/#recordbatch
 */
export function recordBatch(fields: BatchFields = {}): Buffer {
  const { records = [{ value: 'v' }], baseTimestamp = BASE_TIMESTAMP } = fields
  const recordBytes = fields.recordBytes ?? Buffer.concat(records.map(record))
  const latestDelta = Math.max(...records.map(({ timestampDelta = 0 }) => timestampDelta))
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(fields.baseOffset ?? 0n, 0)
  head.writeInt32BE(fields.length ?? 49 + recordBytes.length, 8)
  head.writeInt32BE(-1, 12)
  head.writeInt8(fields.magic ?? 2, 16)
  head.writeInt16BE(fields.attributes ?? 0, 21)
  head.writeInt32BE(fields.lastOffsetDelta ?? records.length - 1, 23)
  head.writeBigInt64BE(BigInt(baseTimestamp), 27)
  head.writeBigInt64BE(BigInt(fields.maxTimestamp ?? baseTimestamp + latestDelta), 35)
  head.writeBigInt64BE(fields.producerId ?? -1n, 43)
  head.writeInt16BE(fields.producerEpoch ?? -1, 51)
  head.writeInt32BE(fields.baseSequence ?? -1, 53)
  head.writeInt32BE(fields.recordCount ?? records.length, 57)
  const batch = Buffer.concat([head, recordBytes])
  batch.writeUInt32BE(fields.crc ?? bitwiseCrc32c(batch.subarray(21)), 17)
  return batch
}

/** A batch of an idempotent producer: `count` records from `baseSequence` on. */
export function idempotentBatch(baseSequence: number, count: number, fields: BatchFields = {}): Buffer {
  const records = Array.from({ length: count }, (_, index) => ({ value: `v${index}`, offsetDelta: index }))
  return recordBatch({ producerId: 7n, producerEpoch: 0, baseSequence, records, ...fields })
}

function record(fields: RecordFields, index: number): Buffer {
  const { key = null, value = null, headers = [] } = fields
  const body =
    fields.body ??
    Buffer.concat([
      Buffer.of(0),
      varint(fields.timestampDelta ?? 0),
      varint(fields.offsetDelta ?? index),
      sized(key),
      sized(value),
      varint(headers.length),
      ...headers.flatMap(([name, content]) => [sized(name), sized(content)]),
    ])
  return Buffer.concat([varint(fields.length ?? body.length), body])
}

function sized(text: string | null): Buffer {
  if (text === null) return varint(-1)
  return Buffer.concat([varint(Buffer.byteLength(text)), Buffer.from(text)])
}

/** Zigzag, then seven bits a byte. BigInt, so that any int64 can be written. */
export function varint(value: number | bigint): Buffer {
  const signed = BigInt(value)
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (signed << 1n) ^ (signed >> 63n))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.of(...bytes, Number(rest))
}

/** One bit at a time: slow, and too short to be wrong. */
export function bitwiseCrc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1
  }
  return (crc ^ 0xffff_ffff) >>> 0
}
