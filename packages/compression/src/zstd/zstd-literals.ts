import { corrupt } from './corrupt.ts'
import { decodeHuffmanStream, type HuffmanTable, readHuffmanTable } from './huffman-table.ts'

const RAW = 0
const RLE = 1
const WITH_TABLE = 2

const JUMP_TABLE_BYTES = 6

interface Literals {
  readonly literals: Uint8Array
  /** For blocks that use it again. */
  readonly table: HuffmanTable | undefined
  /** Bytes of the section. */
  readonly sizeBytes: number
}

/**
 * Reads the literals of a block: what is not copied from before.
 *
 * @param maxBytes how many there may be
 * @param tableBefore the last one of the frame
 * @source RFC 8878, 3.1.1.3.1
 */
export function readZstdLiterals(block: Buffer, maxBytes: number, tableBefore: HuffmanTable | undefined): Literals {
  const kind = kindOf(block)
  const isPlain = kind === RAW || kind === RLE
  return isPlain ? plainLiterals(block, maxBytes, tableBefore) : compressedLiterals(block, maxBytes, tableBefore)
}

function kindOf(block: Buffer): number {
  return (block[0] ?? 0) & 3
}

function formatOf(block: Buffer): number {
  return ((block[0] ?? 0) >> 2) & 3
}

function plainLiterals(block: Buffer, maxBytes: number, table: HuffmanTable | undefined): Literals {
  const format = formatOf(block)
  const headerBytes = format === 1 ? 2 : format === 3 ? 3 : 1
  const header = littleEndian(block, headerBytes)
  const count = Math.floor(header / (headerBytes === 1 ? 8 : 16))
  const isRun = kindOf(block) === RLE
  const sizeBytes = headerBytes + (isRun ? 1 : count)
  if (sizeBytes > block.length || count > maxBytes) throw corrupt('literals that do not fit')
  const bytes = block.subarray(headerBytes, sizeBytes)
  return { literals: isRun ? new Uint8Array(count).fill(bytes[0] ?? 0) : bytes, table, sizeBytes }
}

function compressedLiterals(block: Buffer, maxBytes: number, tableBefore: HuffmanTable | undefined): Literals {
  const format = formatOf(block)
  const headerBytes = format < 2 ? 3 : format + 2
  const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18
  const header = Math.floor(littleEndian(block, headerBytes) / 16)
  const count = header % 2 ** sizeBits
  const sizeBytes = headerBytes + Math.floor(header / 2 ** sizeBits)
  if (sizeBytes > block.length || count > maxBytes) throw corrupt('literals that do not fit')

  let streams = block.subarray(headerBytes, sizeBytes)
  let table = tableBefore
  if (kindOf(block) === WITH_TABLE) {
    const described = readHuffmanTable(streams)
    table = described.table
    streams = streams.subarray(described.sizeBytes)
  }
  if (table === undefined) throw corrupt('literals that need a table of a block before')
  const literals = new Uint8Array(count)
  if (format === 0) decodeHuffmanStream(streams, table, literals)
  else decodeFourStreams(streams, table, literals)
  return { literals, table, sizeBytes }
}

/** Each has a quarter of the literals, and the sizes of the first three stand before them. */
function decodeFourStreams(bytes: Buffer, table: HuffmanTable, literals: Uint8Array): void {
  if (bytes.length < JUMP_TABLE_BYTES) throw corrupt('four streams that are not there')
  const quarter = (literals.length + 3) >> 2
  let start = JUMP_TABLE_BYTES
  for (let i = 0; i < 4; i++) {
    const end = i === 3 ? bytes.length : start + bytes.readUInt16LE(2 * i)
    if (end > bytes.length) throw corrupt('a stream of literals that ends too early')
    const room = literals.subarray(
      Math.min(i * quarter, literals.length),
      i === 3 ? literals.length : (i + 1) * quarter,
    )
    decodeHuffmanStream(bytes.subarray(start, end), table, room)
    start = end
  }
}

function littleEndian(bytes: Buffer, count: number): number {
  if (count > bytes.length) throw corrupt('a block that ends in a header')
  return bytes.readUIntLE(0, count)
}
