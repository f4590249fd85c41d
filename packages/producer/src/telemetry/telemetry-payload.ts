import type { BatchCodec, Compression, CompressionName } from '../ports/compression.ts'
import type { TelemetryEncoder, TelemetryMetric } from './telemetry-encoder.ts'

/** Metrics as they are pushed. */
export interface TelemetryPayload {
  /** Kafka's number of the compression, 0 for none. */
  readonly compressionType: number
  readonly bytes: Uint8Array
  /** So many of the metrics are in it, the first ones. */
  readonly count: number
}

export interface TelemetryPayloadOptions {
  readonly encoder: TelemetryEncoder
  readonly labels: Readonly<Record<string, string>>
  /** Undefined: nothing is compressed. */
  readonly codec: BatchCodec | undefined
  readonly maxBytes: number
}

const NO_COMPRESSION = 0

const NAMES = new Map<number, CompressionName>([
  [1, 'gzip'],
  [2, 'snappy'],
  [3, 'lz4'],
  [4, 'zstd'],
])

/**
 * The metrics in at most `maxBytes`, before they are compressed too: brokers count them when they have decompressed them.
 * Where not all fit, the last are left out.
 *
 * @throws what the encoder throws
 */
export function payloadOf(metrics: readonly TelemetryMetric[], options: TelemetryPayloadOptions): TelemetryPayload {
  const { encoder, labels, codec, maxBytes } = options
  let count = metrics.length
  while (count > 0) {
    const bytes = encoder.encode(metrics.slice(0, count), labels)
    if (bytes.length <= maxBytes) {
      const compressed = codec?.compressSync?.([bytes])
      if (codec === undefined || compressed === undefined || compressed.length >= bytes.length) {
        return { compressionType: NO_COMPRESSION, bytes, count }
      }
      return { compressionType: codec.id, bytes: compressed, count }
    }
    count = Math.floor(count * Math.min(0.9, Math.max(0, maxBytes) / bytes.length))
  }
  return { compressionType: NO_COMPRESSION, bytes: new Uint8Array(), count }
}

/**
 * The first of the types that can be used: its package is installed, and it compresses at once. Metrics are few, and no
 * record waits for them.
 */
export function codecAmong(types: readonly number[], compression: Compression): BatchCodec | undefined {
  for (const type of types) {
    const name = NAMES.get(type)
    if (name === undefined) continue
    try {
      const codec = compression.codecFor(name, undefined)
      if (codec.compressSync !== undefined) return codec
    } catch {
      // Its package is not installed.
    }
  }
  return undefined
}
