import { corrupt } from './corrupt.ts'

/**
 * A table of finite state entropy: each state stands for a symbol, and says how to get to the next state.
 *
 * @source RFC 8878, 4.1
 */
export interface FseTable {
  /** There are 2 to its power of states. */
  readonly accuracyLog: number
  readonly symbols: Uint8Array
  /** Bits to read, and what to add them to, for the next state. */
  readonly bitCounts: Uint8Array
  readonly bases: Uint16Array
}

/** Probability of a symbol that is rarer than one in all states. */
const LESS_THAN_ONE = -1
const ACCURACY_LOG_MIN = 5
const ZEROS_GO_ON = 3

/** A table that is always in the same state. */
export function fseTableOf(symbol: number): FseTable {
  return { accuracyLog: 0, symbols: Uint8Array.of(symbol), bitCounts: new Uint8Array(1), bases: new Uint16Array(1) }
}

/** @param probabilities of the symbols 0, 1, 2, and so on; together they are all states */
export function buildFseTable(accuracyLog: number, probabilities: readonly number[]): FseTable {
  const size = 1 << accuracyLog
  const symbols = new Uint8Array(size)
  const counts = probabilities.map((probability) => Math.abs(probability))
  let end = size
  for (const [symbol, probability] of probabilities.entries()) {
    if (probability === LESS_THAN_ONE) symbols[--end] = symbol
  }
  const step = (size >> 1) + (size >> 3) + 3
  let state = 0
  for (const [symbol, probability] of probabilities.entries()) {
    for (let i = 0; i < probability; i++) {
      symbols[state] = symbol
      do state = (state + step) & (size - 1)
      while (state >= end)
    }
  }
  const bitCounts = new Uint8Array(size)
  const bases = new Uint16Array(size)
  for (const [index, symbol] of symbols.entries()) {
    const next = counts[symbol] ?? 0
    counts[symbol] = next + 1
    const bitCount = accuracyLog - (31 - Math.clz32(next))
    bitCounts[index] = bitCount
    bases[index] = (next << bitCount) - size
  }
  return { accuracyLog, symbols, bitCounts, bases }
}

interface Described {
  readonly table: FseTable
  /** Bytes of the description. */
  readonly sizeBytes: number
}

/**
 * Reads the description of a table: the probabilities, each in as many bits as what is left of all states needs.
 *
 * @source RFC 8878, 4.1.1
 */
export function readFseTable(bytes: Uint8Array, accuracyLogMax: number, symbolMax: number): Described {
  let position = 0
  const read = (count: number): number => {
    const at = position >> 3
    const bits = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
    const value = (bits >> (position & 7)) & ((1 << count) - 1)
    position += count
    return value
  }

  const accuracyLog = read(4) + ACCURACY_LOG_MIN
  if (accuracyLog > accuracyLogMax) throw corrupt(`a table of 2^${accuracyLog} states`)
  const probabilities: number[] = []
  let left = 1 << accuracyLog
  while (left > 0 && probabilities.length <= symbolMax) {
    const bitCount = 32 - Math.clz32(left + 1)
    const shortMask = (1 << (bitCount - 1)) - 1
    const shortCount = (1 << bitCount) - 1 - (left + 1)
    let value = read(bitCount)
    if ((value & shortMask) < shortCount) {
      position -= 1
      value &= shortMask
    } else if (value > shortMask) value -= shortCount
    const probability = value - 1
    left -= Math.abs(probability)
    probabilities.push(probability)
    if (probability !== 0) continue
    let zeroCount
    do {
      zeroCount = read(2)
      for (let i = 0; i < zeroCount; i++) probabilities.push(0)
    } while (zeroCount === ZEROS_GO_ON)
  }
  const sizeBytes = (position + 7) >> 3
  if (left !== 0 || probabilities.length > symbolMax + 1) throw corrupt('probabilities that are not all states')
  if (sizeBytes > bytes.length) throw corrupt('a table that ends too early')
  return { table: buildFseTable(accuracyLog, probabilities), sizeBytes }
}
