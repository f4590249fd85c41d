import { compressionCodecFor, type CompressionType, decompress } from '@linger/compression'
import { KafkaJSNotImplemented } from '../errors/kafkajs-error.ts'
import { CompressionTypes } from './compression-types.ts'

/** What is to be compressed: KafkaJS hands codecs its encoder, of which they read this. */
export interface CompressionInput {
  readonly buffer: Buffer
}

/** Compresses the records of a batch, in Kafka's framing. */
export interface CompressionCodec {
  compress(input: CompressionInput): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

export const compressionNames: Readonly<Record<number, CompressionType>> = {
  [CompressionTypes.GZIP]: 'gzip',
  [CompressionTypes.Snappy]: 'snappy',
  [CompressionTypes.LZ4]: 'lz4',
  [CompressionTypes.ZSTD]: 'zstd',
}

/** KafkaJS's codecs expand what they are given, whatever comes of it. */
const DECOMPRESSED_BYTES_MAX = 0x4000_0000

const builtIn: Readonly<typeof CompressionCodecs> = {
  [CompressionTypes.GZIP]: () => builtInCodec('GZIP', 'gzip'),
  [CompressionTypes.Snappy]: () => builtInCodec('Snappy', 'snappy'),
  [CompressionTypes.LZ4]: () => builtInCodec('LZ4', 'lz4'),
  [CompressionTypes.ZSTD]: () => builtInCodec('ZSTD', 'zstd'),
}

/** The codecs by their numbers. One of your own is used when it is put in the place of another. */
export const CompressionCodecs: Record<Exclude<CompressionTypes, 0>, () => unknown> = { ...builtIn }

export function isCompression(type: unknown): type is keyof typeof CompressionCodecs {
  return typeof type === 'number' && Object.hasOwn(compressionNames, type)
}

/** The user's own codec for a compression, or undefined where the engine's is as good. */
export function userCodec(type: number): CompressionCodec | undefined {
  const make = CompressionCodecs[type as keyof typeof CompressionCodecs]
  return make === builtIn[type as keyof typeof CompressionCodecs] ? undefined : (make() as CompressionCodec)
}

function builtInCodec(title: string, name: CompressionType): CompressionCodec {
  const codec = engineCodec(title, name)
  return {
    compress: ({ buffer }) => codec.compress([buffer]),
    decompress: async (bytes) => decompress(name, bytes, { maxBytes: DECOMPRESSED_BYTES_MAX }),
  }
}

function engineCodec(title: string, name: CompressionType): ReturnType<typeof compressionCodecFor> {
  try {
    return compressionCodecFor(name)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new KafkaJSNotImplemented(`${title} compression not implemented: ${reason}`)
  }
}
