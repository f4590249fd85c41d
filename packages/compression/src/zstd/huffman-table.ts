import { BackwardBitReader } from './bit-reader.ts'
import { corrupt } from './corrupt.ts'
import { readFseTable } from './fse-table.ts'

/** What the next bits stand for, by as many of them as the longest code has. */
export interface HuffmanTable {
  readonly bitCountMax: number
  readonly symbols: Uint8Array
  readonly bitCounts: Uint8Array
}

const CODE_BITS_MAX = 11
const SYMBOLS_MAX = 256
const WEIGHT_ACCURACY_LOG_MAX = 6
const WEIGHT_MAX = 11

/** From this header on, weights stand there as they are, four bits each. */
const DIRECT_FROM = 128

interface Described {
  readonly table: HuffmanTable
  /** Bytes of the description. */
  readonly sizeBytes: number
}

/** @source RFC 8878, 4.2.1 */
export function readHuffmanTable(bytes: Uint8Array): Described {
  const header = bytes[0]
  if (header === undefined) throw corrupt('a Huffman table that is not there')
  const weightCount = header - (DIRECT_FROM - 1)
  const sizeBytes = 1 + (header < DIRECT_FROM ? header : (weightCount + 1) >> 1)
  if (sizeBytes > bytes.length) throw corrupt('a Huffman table that ends too early')
  const description = bytes.subarray(1, sizeBytes)
  const weights = header < DIRECT_FROM ? compressedWeights(description) : directWeights(description, weightCount)
  return { table: buildHuffmanTable(weights), sizeBytes }
}

function directWeights(bytes: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, i) => ((bytes[i >> 1] ?? 0) >> (i % 2 === 0 ? 4 : 0)) & 15)
}

/** Two states take turns, and what they are in when the bits are used up are the last weights. */
function compressedWeights(bytes: Uint8Array): number[] {
  const { table, sizeBytes } = readFseTable(bytes, WEIGHT_ACCURACY_LOG_MAX, WEIGHT_MAX)
  const bits = new BackwardBitReader(bytes.subarray(sizeBytes))
  let state = bits.read(table.accuracyLog)
  let other = bits.read(table.accuracyLog)
  const weights: number[] = []
  while (weights.length < SYMBOLS_MAX) {
    weights.push(table.symbols[state] ?? 0)
    const next = (table.bases[state] ?? 0) + bits.read(table.bitCounts[state] ?? 0)
    if (bits.left < 0) {
      weights.push(table.symbols[other] ?? 0)
      return weights
    }
    state = other
    other = next
  }
  throw corrupt('more weights than symbols')
}

/** The weight of the last symbol is not written: it is what the others leave. */
function buildHuffmanTable(weights: number[]): HuffmanTable {
  const sum = weights.reduce((sum, weight) => sum + (weight === 0 ? 0 : 2 ** (weight - 1)), 0)
  const bitCountMax = 32 - Math.clz32(sum)
  if (sum === 0 || bitCountMax > CODE_BITS_MAX) throw corrupt('weights that make no Huffman table')
  const size = 1 << bitCountMax
  const lastWeight = 32 - Math.clz32(size - sum)
  if (size - sum !== 1 << (lastWeight - 1) || weights.length >= SYMBOLS_MAX) throw corrupt('weights that leave no last')
  weights.push(lastWeight)
  if (!weights.includes(1)) throw corrupt('a Huffman table without its longest codes')

  const symbols = new Uint8Array(size)
  const bitCounts = new Uint8Array(size)
  let at = 0
  for (let weight = 1; weight <= bitCountMax; weight++) {
    for (const [symbol, itsWeight] of weights.entries()) {
      if (itsWeight !== weight) continue
      const end = at + (1 << (weight - 1))
      symbols.fill(symbol, at, end)
      bitCounts.fill(bitCountMax + 1 - weight, at, end)
      at = end
    }
  }
  return { bitCountMax, symbols, bitCounts }
}

/** Decodes one stream, which must be used up by as many symbols as `literals` has room for. */
export function decodeHuffmanStream(bytes: Uint8Array, table: HuffmanTable, literals: Uint8Array): void {
  const bits = new BackwardBitReader(bytes)
  const { bitCountMax, symbols, bitCounts } = table
  for (let at = 0; at < literals.length; at++) {
    const code = bits.peek(bitCountMax)
    literals[at] = symbols[code] ?? 0
    bits.left -= bitCounts[code] ?? 0
  }
  if (bits.left !== 0) throw corrupt('a stream of literals that does not end where it should')
}
