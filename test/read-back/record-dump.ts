import type { LogRecord } from '../delivery-checker/log-record.ts'

/** A record as Kafka's Java consumer saw it. */
export interface ReadRecord extends LogRecord {
  /** Of the value; -1 for null. */
  readonly valueSizeBytes: number
  /** True when `value` is the SHA-256 of the value. */
  readonly valueIsDigest: boolean
}

const SIZE_BYTES = 4
const END = -1
const END_BYTES = SIZE_BYTES + 8
const DIGEST_BYTES = 32

/**
 * The records of a dump that ReadBack.java writes; its layout stands there.
 *
 * @throws when the dump stops before its end mark, or the mark counts other records than came
 */
export async function* dumpedRecords(
  dump: AsyncIterable<Buffer>,
  topics: readonly string[],
): AsyncGenerator<ReadRecord> {
  let pending: Buffer = Buffer.alloc(0)
  let count = 0
  for await (const chunk of dump) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    let at = 0
    while (pending.length - at >= SIZE_BYTES) {
      const size = pending.readInt32BE(at)
      if (size === END) {
        if (pending.length - at < END_BYTES) break
        const expected = int64At(pending, at + SIZE_BYTES)
        if (expected !== count) throw new Error(`the dump holds ${count} records and says ${expected}`)
        return
      }
      if (pending.length - at - SIZE_BYTES < size) break
      yield recordAt(pending, at + SIZE_BYTES, topics)
      count += 1
      at += SIZE_BYTES + size
    }
    pending = pending.subarray(at)
  }
  throw new Error(`the dump stops after ${count} records, without an end mark`)
}

function recordAt(dump: Buffer, start: number, topics: readonly string[]): ReadRecord {
  let at = start + 23
  const bytes = (sizeBytes: number): Uint8Array => dump.subarray(at, (at += sizeBytes))
  const int32 = (): number => dump.readInt32BE((at += 4) - 4)
  const nullable = (): Uint8Array | null => {
    const size = int32()
    return size < 0 ? null : bytes(size)
  }

  const key = nullable()
  const valueIsDigest = dump[at++] === 1
  const valueSizeBytes = int32()
  const value = valueSizeBytes < 0 ? null : bytes(valueIsDigest ? DIGEST_BYTES : valueSizeBytes)
  const headers: [string, Uint8Array | null][] = []
  for (let left = int32(); left > 0; left--) {
    const name = Buffer.from(nullable() ?? []).toString()
    headers.push([name, nullable()])
  }
  return {
    topic: topics[dump.readInt16BE(start)] ?? '',
    partition: dump.readInt32BE(start + 2),
    offset: int64At(dump, start + 6),
    timestamp: int64At(dump, start + 14),
    timestampType: timestampTypeOf(dump.readInt8(start + 22)),
    key,
    value,
    valueSizeBytes,
    valueIsDigest,
    headers,
  }
}

function timestampTypeOf(id: number): ReadRecord['timestampType'] {
  if (id === 0) return 'CREATE_TIME'
  return id === 1 ? 'LOG_APPEND_TIME' : 'NO_TIMESTAMP_TYPE'
}

/** Offsets and times of tests are far below 2^53, and a bigint for each would take most of the time here. */
function int64At(dump: Buffer, at: number): number {
  return dump.readInt32BE(at) * 2 ** 32 + dump.readUInt32BE(at + 4)
}
