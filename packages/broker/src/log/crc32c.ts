import { createRequire } from 'node:module'

type Crc32c = (bytes: Uint8Array) => number

/** CRC-32C (Castagnoli), reflected. */
const POLYNOMIAL = 0x82f63b78
const STEP_BYTES = 8

const table0 = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
  return crc
})
const table1 = tableAfter(table0)
const table2 = tableAfter(table1)
const table3 = tableAfter(table2)
const table4 = tableAfter(table3)
const table5 = tableAfter(table4)
const table6 = tableAfter(table5)
const table7 = tableAfter(table6)

/**
 * The checksum of a record batch, unsigned.
 *
 * The broker has its own, so that a wrong checksum in the client cannot be called right by the same mistake. The native
 * one is used where it is installed: several times as fast, and the broker shares its machine with the client that is
 * measured against it.
 */
export const crc32c: Crc32c = nativeCrc32c() ?? slicedCrc32c

/**
 * Eight bytes a step, with one table for each of them.
 *
 * @source Kounavis and Berry, "A Systematic Approach to Building High Performance Software-based CRC Generators", 2005
 */
export function slicedCrc32c(bytes: Uint8Array): number {
  let crc = -1
  let at = 0
  for (const end = bytes.length - STEP_BYTES; at <= end; at += STEP_BYTES) {
    const low = crc ^ littleEndianWord(bytes, at)
    const high = littleEndianWord(bytes, at + 4)
    crc =
      entry(table7, low & 0xff) ^
      entry(table6, (low >>> 8) & 0xff) ^
      entry(table5, (low >>> 16) & 0xff) ^
      entry(table4, low >>> 24) ^
      entry(table3, high & 0xff) ^
      entry(table2, (high >>> 8) & 0xff) ^
      entry(table1, (high >>> 16) & 0xff) ^
      entry(table0, high >>> 24)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ entry(table0, (crc ^ (bytes[at] ?? 0)) & 0xff)
  return (crc ^ -1) >>> 0
}

/** What a byte adds when one more byte follows it. */
function tableAfter(table: Int32Array): Int32Array {
  return table.map((crc) => (crc >>> 8) ^ entry(table0, crc & 0xff))
}

function entry(table: Int32Array, index: number): number {
  return table[index] ?? 0
}

function littleEndianWord(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
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
