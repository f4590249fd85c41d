import { loadNativeCrc32c, loadPortableCrc32c, type Checksum } from './checksum-libraries.ts'

/** A call into native code costs more than the sum over so few bytes. */
const NATIVE_BYTES_MIN = 256

interface Checksums {
  readonly native: Checksum | undefined
  readonly portable: Checksum
}

/** Loaded with the first checksum: they would be a quarter of what an import of the producer costs. */
let checksums: Checksums | undefined

function loadedChecksums(): Checksums {
  checksums ??= { native: loadNativeCrc32c(), portable: loadPortableCrc32c() }
  return checksums
}

/** Which package computes the checksums of more than a few bytes: the native one is four times as fast, and used wherever it is installed. */
export function crc32cImplementation(): 'crc-32' | '@node-rs/crc32' {
  return loadedChecksums().native === undefined ? 'crc-32' : '@node-rs/crc32'
}

/**
 * The CRC-32C (Castagnoli) of `bytes`, 0 to 2^32 - 1.
 *
 * @param initial the checksum of the bytes before these, to go on from there
 * @source RFC 3720, B.4
 */
export function crc32c(bytes: Uint8Array, initial: number = 0): number {
  const { native, portable } = loadedChecksums()
  return native === undefined || bytes.length < NATIVE_BYTES_MIN ? portable(bytes, initial) : native(bytes, initial)
}
