import type { CompressionType } from './codec.ts'
import { decompressGzip } from './gzip/decompress-gzip.ts'
import { decompressLz4 } from './lz4/decompress-lz4.ts'
import { decompressSnappy } from './snappy/decompress-snappy.ts'
import { decompressZstd } from './zstd/decompress-zstd.ts'

export interface DecompressionLimits {
  /** How many bytes may come out. */
  readonly maxBytes: number
  /** How many times as many as go in. Default: no limit but `maxBytes`. */
  readonly maxRatio?: number
}

/**
 * Decompresses the records of a batch, whoever compressed them: Java's client, librdkafka, or the codecs here.
 *
 * The limits are judged before there is memory for what comes out (snappy, lz4, zstd that tells its size), or while it
 * comes out (gzip, other zstd). No package needs to be installed for it.
 *
 * @returns bytes in memory of their own, exactly as long
 * @throws CompressionError TRUNCATED, CORRUPT, TRAILING_BYTES, TOO_LARGE or UNSUPPORTED
 */
export function decompress(type: CompressionType, bytes: Uint8Array, limits: DecompressionLimits): Buffer {
  const { maxBytes, maxRatio = Infinity } = limits
  if (!(maxBytes >= 0 && maxRatio > 0)) {
    throw new RangeError(`maxBytes ${maxBytes} and maxRatio ${maxRatio} are no limits`)
  }
  return decompressorFor(type)(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    Math.floor(Math.min(maxBytes, bytes.length * maxRatio)),
  )
}

function decompressorFor(type: CompressionType): (bytes: Buffer, maxBytes: number) => Buffer {
  switch (type) {
    case 'gzip':
      return decompressGzip
    case 'snappy':
      return decompressSnappy
    case 'lz4':
      return decompressLz4
    case 'zstd':
      return decompressZstd
  }
}
