import { createRequire } from 'node:module'

export type Checksum = (bytes: Uint8Array, initial: number) => number

const require = createRequire(import.meta.url)

/** CRC-32C in native code. Absent, or present without a binary for this platform: both throw on load, the second an error without a code. */
export function loadNativeCrc32c(): Checksum | undefined {
  try {
    const loaded: unknown = require('@node-rs/crc32')
    return hasFunction(loaded, 'crc32c') ? loaded.crc32c : undefined
  } catch {
    return undefined
  }
}

export function loadPortableCrc32c(): Checksum {
  return checksumOf(require('crc-32/crc32c.js'))
}

export function loadPortableCrc32(): Checksum {
  return checksumOf(require('crc-32/crc32.js'))
}

function checksumOf(loaded: unknown): Checksum {
  if (!hasFunction(loaded, 'buf')) throw new TypeError("the package 'crc-32' has no function buf")
  const { buf } = loaded
  return (bytes, initial) => buf(bytes, initial) >>> 0
}

function hasFunction<Name extends string>(loaded: unknown, name: Name): loaded is Record<Name, Checksum> {
  return typeof loaded === 'object' && loaded !== null && typeof Reflect.get(loaded, name) === 'function'
}
