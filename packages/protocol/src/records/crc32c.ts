import { createRequire } from 'node:module'

type Checksum = (bytes: Uint8Array, initial: number) => number

/** A call into native code costs more than the sum over so few bytes. */
const NATIVE_BYTES_MIN = 256

const require = createRequire(import.meta.url)
const native = loadNative()

/** Which package computes the checksums of more than a few bytes: the native one is four times as fast, and used wherever it is installed. */
export const crc32cImplementation: 'crc-32' | '@node-rs/crc32' = native === undefined ? 'crc-32' : '@node-rs/crc32'

const portable = loadPortable()
const checksum = native ?? portable

/**
 * The CRC-32C (Castagnoli) of `bytes`, 0 to 2^32 - 1.
 *
 * @param initial the checksum of the bytes before these, to go on from there
 * @source RFC 3720, B.4
 */
export function crc32c(bytes: Uint8Array, initial: number = 0): number {
  return bytes.length < NATIVE_BYTES_MIN ? portable(bytes, initial) : checksum(bytes, initial)
}

/** Absent, or present without a binary for this platform: both throw on load, the second an error without a code. */
function loadNative(): Checksum | undefined {
  try {
    const loaded: unknown = require('@node-rs/crc32')
    return hasFunction(loaded, 'crc32c') ? loaded.crc32c : undefined
  } catch {
    return undefined
  }
}

function loadPortable(): Checksum {
  const loaded: unknown = require('crc-32/crc32c.js')
  if (!hasFunction(loaded, 'buf')) throw new TypeError("the package 'crc-32' has no function buf")
  const { buf } = loaded
  return (bytes, initial) => buf(bytes, initial) >>> 0
}

function hasFunction<Name extends string>(loaded: unknown, name: Name): loaded is Record<Name, Checksum> {
  return typeof loaded === 'object' && loaded !== null && typeof Reflect.get(loaded, name) === 'function'
}
