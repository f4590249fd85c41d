import { createRequire } from 'node:module'

type Crc32c = (bytes: Uint8Array) => number

/** CRC-32C (Castagnoli), reflected. */
const POLYNOMIAL = 0x82f63b78
const STEP_BYTES = 8
const ENTRIES = 256

/** One table after the other: the entry of a byte in table n is what it adds when n more bytes follow it. */
const tables = buildTables()

/**
 * The checksum of a record batch, unsigned.
 *
 * The broker has its own, so that a wrong checksum in the client cannot be called right by the same mistake. The native
 * one is used where it is installed: several times as fast, and the broker shares its machine with the client that is
 * measured against it.
 */
export const crc32c: Crc32c = nativeCrc32c() ?? slicedCrc32c

/**
 * Eight bytes a step, each with its own table.
 *
 * @source Kounavis and Berry, "A Systematic Approach to Building High Performance Software-based CRC Generators", 2005
 */
export function slicedCrc32c(bytes: Uint8Array): number {
  const table = tables
  let crc = -1
  let at = 0
  for (const end = bytes.length - STEP_BYTES; at <= end; at += STEP_BYTES) {
    crc =
      (table[7 * ENTRIES + (((bytes[at] ?? 0) ^ crc) & 0xff)] ?? 0) ^
      (table[6 * ENTRIES + (((bytes[at + 1] ?? 0) ^ (crc >>> 8)) & 0xff)] ?? 0) ^
      (table[5 * ENTRIES + (((bytes[at + 2] ?? 0) ^ (crc >>> 16)) & 0xff)] ?? 0) ^
      (table[4 * ENTRIES + ((bytes[at + 3] ?? 0) ^ (crc >>> 24))] ?? 0) ^
      (table[3 * ENTRIES + (bytes[at + 4] ?? 0)] ?? 0) ^
      (table[2 * ENTRIES + (bytes[at + 5] ?? 0)] ?? 0) ^
      (table[ENTRIES + (bytes[at + 6] ?? 0)] ?? 0) ^
      (table[bytes[at + 7] ?? 0] ?? 0)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
  return (crc ^ -1) >>> 0
}

function buildTables(): Int32Array {
  const table = new Int32Array(STEP_BYTES * ENTRIES)
  for (let byte = 0; byte < ENTRIES; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    table[byte] = crc
  }
  for (let index = ENTRIES; index < table.length; index++) {
    const before = table[index - ENTRIES] ?? 0
    table[index] = (before >>> 8) ^ (table[before & 0xff] ?? 0)
  }
  return table
}

/** A missing package and a package without a binary for this machine fail in different ways; both mean: not here. */
function nativeCrc32c(): Crc32c | undefined {
  try {
    const native: unknown = createRequire(import.meta.url)('@node-rs/crc32')
    return isNative(native) ? (bytes) => native.crc32c(bytes) : undefined
  } catch {
    return undefined
  }
}

function isNative(native: unknown): native is { crc32c: Crc32c } {
  return typeof native === 'object' && native !== null && 'crc32c' in native && typeof native.crc32c === 'function'
}
