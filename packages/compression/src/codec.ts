import { type CodecLibraries, installedLibraries } from './codec-libraries.ts'
import { CompressionError } from './compression-error.ts'
import type { Compressor } from './compressor.ts'
import { freeMemory } from './free-memory.ts'
import { gzipCompressor } from './gzip/gzip-compressor.ts'
import { lz4Compressor } from './lz4/lz4-compressor.ts'
import { Scratch } from './scratch.ts'
import { snappyCompressor } from './snappy/snappy-compressor.ts'
import { zstdCompressor } from './zstd/zstd-compressor.ts'

/** The compressions of a record batch, at the index that stands for them in its attributes, less one. */
export const COMPRESSION_TYPES = ['gzip', 'snappy', 'lz4', 'zstd'] as const

export type CompressionType = (typeof COMPRESSION_TYPES)[number]

/** Compresses the records of a batch as Kafka's readers expect it. Memory to work in is kept for the next one. */
export interface CompressionCodec {
  readonly type: CompressionType
  /** Stands for the type in the lowest three bits of a batch's attributes: 1 to 4. */
  readonly id: number
  /** From so many bytes on, `compress` takes at most half the time of the calling thread that `compressSync` takes. */
  readonly poolFromBytes: number
  /**
   * Compresses the pieces as if they were one, on the calling thread. Undefined where the library cannot
   * (`@mongodb-js/zstd`): `compress` is for every size then.
   *
   * @returns bytes that may be part of something larger, room for the worst case: copy what is to be kept. They may be more
   *   than the pieces
   * @throws CompressionError FAILED
   */
  readonly compressSync: ((pieces: readonly Uint8Array[]) => Buffer) | undefined
  /** The same in the thread pool. The pieces are copied before it returns. */
  compress(pieces: readonly Uint8Array[]): Promise<Buffer>
  /**
   * Frees the memory of what `compress` gave, for who has copied it: it has no byte from then on. Without this it is
   * garbage, of a megabyte or so for each batch.
   */
  free(compressed: Buffer): void
}

/**
 * The codec of a type. Make it once: libraries are loaded here.
 *
 * @param level gzip 1 to 9, zstd -131072 to 22; default: the library's own, gzip 6 and zstd 3
 * @throws CompressionError MISSING_LIBRARY that names the package to install, or INVALID_LEVEL
 * @source KIP-390 (levels), KIP-110 (zstd)
 */
export function compressionCodecFor(
  type: CompressionType,
  level?: number,
  libraries: CodecLibraries = installedLibraries,
): CompressionCodec {
  checkLevel(type, level)
  const compressor = compressorFor(type, level, libraries)
  const { compressSync } = compressor
  const scratch = new Scratch()
  const given = new WeakSet<ArrayBufferLike>()
  return {
    type,
    id: COMPRESSION_TYPES.indexOf(type) + 1,
    poolFromBytes: compressSync === undefined ? 0 : POOL_FROM_BYTES[type],
    compressSync:
      compressSync &&
      ((pieces) => {
        const lent = scratch.lendBriefly(pieces)
        try {
          return compressSync(lent.bytes)
        } catch (cause) {
          throw failure(type, cause)
        } finally {
          scratch.giveBack(lent)
        }
      }),
    compress: async (pieces) => {
      const lent = scratch.lend(pieces)
      try {
        const compressed = await compressor.compress(lent.bytes)
        given.add(compressed.buffer)
        return compressed
      } catch (cause) {
        throw failure(type, cause)
      } finally {
        scratch.giveBack(lent)
      }
    },
    free: (compressed) => {
      if (given.delete(compressed.buffer)) freeMemory(compressed)
    },
  }
}

interface Levels {
  readonly min: number
  readonly max: number
}

/** lz4 and snappy have none: their libraries know one way only. */
const LEVELS: Readonly<Partial<Record<CompressionType, Levels>>> = {
  gzip: { min: 1, max: 9 },
  zstd: { min: -131_072, max: 22 },
}

/** Java's name for 'the library's own', for gzip. In zstd it is a level like any other. */
const GZIP_DEFAULT_LEVEL = -1
const ZSTD_DEFAULT_LEVEL = 3

function checkLevel(type: CompressionType, level: number | undefined): void {
  if (level === undefined || (type === 'gzip' && level === GZIP_DEFAULT_LEVEL)) return
  const levels = LEVELS[type]
  if (levels === undefined) throw new CompressionError('INVALID_LEVEL', `${type} has no levels: leave it out`)
  if (Number.isInteger(level) && level >= levels.min && level <= levels.max) return
  const orDefault = type === 'gzip' ? ', or -1 for the default' : ''
  const wanted = `an integer from ${levels.min} to ${levels.max}${orDefault}`
  throw new CompressionError('INVALID_LEVEL', `the level of ${type} must be ${wanted}, not ${level}`)
}

function compressorFor(type: CompressionType, level: number | undefined, libraries: CodecLibraries): Compressor {
  switch (type) {
    case 'gzip':
      return gzipCompressor(level ?? GZIP_DEFAULT_LEVEL)
    case 'snappy':
      return snappyCompressor(libraries.snappy())
    case 'lz4':
      return lz4Compressor(libraries.lz4())
    case 'zstd':
      return zstdCompressor(level ?? ZSTD_DEFAULT_LEVEL, libraries)
  }
}

/**
 * Where the thread pool takes half of the calling thread's time or less. To hand a batch over and take it back costs
 * 10 to 15 microseconds with lz4 and snappy, 25 to 40 with zlib's streams, and in all threads together twice that: below
 * this, a processor does more for the same bytes.
 */
const POOL_FROM_BYTES: Readonly<Record<CompressionType, number>> = {
  gzip: 16 * 1024,
  snappy: 64 * 1024,
  lz4: 64 * 1024,
  zstd: 64 * 1024,
}

function failure(type: CompressionType, cause: unknown): CompressionError {
  return new CompressionError('FAILED', `a batch could not be compressed with ${type}: ${String(cause)}`, { cause })
}
