/**
 * What snappy-java writes before its blocks: a magic, its version and the oldest that can read it. Each block follows
 * with its length, big-endian.
 *
 * ```
 * 0 0x82 'SNAPPY' 0x00 | 8 version int32 | 12 compatible version int32 | 16 blocks: length int32, bytes
 * ```
 *
 * @source snappy-java SnappyCodec, SnappyOutputStream
 */
export const XERIAL_HEADER: Buffer = Buffer.from('82534e41505059000000000100000001', 'hex')

export const XERIAL_MAGIC_BYTES = 8
export const XERIAL_VERSION = 1

/** Before each block. */
export const BLOCK_LENGTH_BYTES = 4
