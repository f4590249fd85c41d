/**
 * What snappy-java writes before its blocks: a magic, its version and the oldest that can read it. Each block follows
 * with its length, big-endian. No reader looks at the versions, Java's own neither.
 *
 * ```
 * 0 0x82 'SNAPPY' 0x00 | 8 version int32 | 12 compatible version int32 | 16 blocks: length int32, bytes
 * ```
 *
 * @source snappy-java SnappyCodec, SnappyOutputStream
 */
export const XERIAL_HEADER: Buffer = Buffer.from('82534e41505059000000000100000001', 'hex')

/** What tells the framing from a block without. */
export const XERIAL_MAGIC_BYTES = 8

/** Before each block. */
export const BLOCK_LENGTH_BYTES = 4
