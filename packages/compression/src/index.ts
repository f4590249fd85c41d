export { COMPRESSION_TYPES, compressionCodecFor, type CompressionCodec, type CompressionType } from './codec.ts'
export type { CodecLibraries, Lz4Library, SnappyLibrary, ZstdLibrary } from './codec-libraries.ts'
export { CompressionError, type CompressionErrorCode } from './compression-error.ts'
export { decompress, type DecompressionLimits } from './decompress.ts'
