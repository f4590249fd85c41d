import { loadPortableCrc32, type Checksum } from './checksum-libraries.ts'

let checksum: Checksum | undefined

/**
 * The CRC-32 (ISO 3309) of `bytes`, 0 to 2^32 - 1: that of message sets before magic 2, and of librdkafka's partitioners.
 *
 * @source RFC 1952, 8
 */
export function crc32(bytes: Uint8Array): number {
  checksum ??= loadPortableCrc32()
  return checksum(bytes, 0)
}
