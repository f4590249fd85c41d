import { CompressionError } from '../compression-error.ts'
import { ownBytes } from '../own-bytes.ts'
import { copyLiteral, copyMatch } from '../copy.ts'
import { corrupt } from './corrupt.ts'
import type { HuffmanTable } from './huffman-table.ts'
import { type ZstdBlock, zstdBlocks, type ZstdFrame } from './zstd-frame.ts'
import { readZstdLiterals } from './zstd-literals.ts'
import { readZstdSequences, type SequenceTables } from './zstd-sequences.ts'

/**
 * Decompresses a frame without node:zlib, for runtimes whose zlib has no zstd. `@mongodb-js/zstd` answers later only,
 * and cannot be told where to stop.
 *
 * The checksum that a frame may have is not looked at: no client of Kafka writes it, and a batch has its own.
 *
 * @param frame what `walkZstdFrame` has found in the bytes
 * @throws CompressionError CORRUPT or TOO_LARGE
 * @source RFC 8878, 3.1.1
 */
export function decodeZstd(bytes: Buffer, frame: ZstdFrame, maxBytes: number): Buffer {
  const content = new ZstdContent(frame, maxBytes)
  for (const block of zstdBlocks(bytes, frame.blocksAt)) content.add(block)
  return content.finish()
}

/** Room for a frame that does not say how much it needs. */
const CAPACITY_BYTES_MIN = 64 * 1024

class ZstdContent {
  readonly #maxBytes: number
  readonly #expectedBytes: number | undefined
  readonly #maxBlockBytes: number
  #bytes: Buffer
  #length = 0
  #huffmanTable: HuffmanTable | undefined
  #sequenceTables: SequenceTables | undefined
  /** The last three offsets, which sequences may use again. */
  readonly #offsets: [number, number, number] = [1, 4, 8]

  constructor({ contentBytes, maxBlockBytes }: ZstdFrame, maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#expectedBytes = contentBytes
    this.#maxBlockBytes = maxBlockBytes
    this.#bytes = Buffer.allocUnsafeSlow(contentBytes ?? Math.min(CAPACITY_BYTES_MIN, maxBytes))
  }

  add(block: ZstdBlock): void {
    if (block.size > this.#maxBlockBytes) throw corrupt(`a block of ${block.size} bytes`)
    switch (block.type) {
      case 'RAW':
        this.#makeRoom(block.size)
        this.#addLiterals(block.bytes, 0, block.size)
        break
      case 'RLE':
        this.#makeRoom(block.size)
        this.#bytes.fill(block.bytes[0] ?? 0, this.#length, this.#length + block.size)
        this.#length += block.size
        break
      case 'COMPRESSED':
        this.#addCompressed(block.bytes)
    }
  }

  finish(): Buffer {
    if (this.#expectedBytes === undefined) return ownBytes(this.#bytes.subarray(0, this.#length))
    if (this.#length !== this.#expectedBytes) {
      throw corrupt(`a frame of ${this.#expectedBytes} bytes, and ${this.#length} came out`)
    }
    return this.#bytes
  }

  #addCompressed(block: Buffer): void {
    const { literals, table, sizeBytes } = readZstdLiterals(block, this.#maxBlockBytes, this.#huffmanTable)
    this.#huffmanTable = table
    const end = this.#length + this.#maxBlockBytes
    let literalsAt = 0
    this.#sequenceTables = readZstdSequences(
      block.subarray(sizeBytes),
      this.#sequenceTables,
      (literalLength, offsetValue, matchLength) => {
        if (literalsAt + literalLength > literals.length) throw corrupt('a sequence with more literals than there are')
        if (this.#length + literalLength + matchLength > end) throw corrupt('a block with more than a block may have')
        this.#makeRoom(literalLength + matchLength)
        this.#addLiterals(literals, literalsAt, literalLength)
        literalsAt += literalLength
        this.#addMatch(this.#offsetOf(offsetValue, literalLength), matchLength)
      },
    )
    const rest = literals.length - literalsAt
    if (this.#length + rest > end) throw corrupt('a block with more than a block may have')
    this.#makeRoom(rest)
    this.#addLiterals(literals, literalsAt, rest)
  }

  #addLiterals(literals: Uint8Array, start: number, length: number): void {
    copyLiteral(literals, start, this.#bytes, this.#length, length)
    this.#length += length
  }

  #addMatch(offset: number, length: number): void {
    if (offset === 0 || offset > this.#length) throw corrupt(`a match ${offset} bytes back, of ${this.#length}`)
    copyMatch(this.#bytes, this.#length, offset, length)
    this.#length += length
  }

  /** Values 1 to 3 stand for one of the last three offsets: without literals, for the next one of them. */
  #offsetOf(value: number, literalLength: number): number {
    const [first, second, third] = this.#offsets
    if (value > 3) {
      this.#remember(value - 3, first, second)
      return value - 3
    }
    switch (literalLength === 0 ? value + 1 : value) {
      case 1:
        return first
      case 2:
        this.#remember(second, first, third)
        return second
      case 3:
        this.#remember(third, first, second)
        return third
      default:
        this.#remember(first - 1, first, second)
        return first - 1
    }
  }

  #remember(first: number, second: number, third: number): void {
    this.#offsets[0] = first
    this.#offsets[1] = second
    this.#offsets[2] = third
  }

  #makeRoom(sizeBytes: number): void {
    const needed = this.#length + sizeBytes
    if (needed <= this.#bytes.length) return
    if (this.#expectedBytes !== undefined) throw corrupt(`more than the ${this.#expectedBytes} bytes of the frame`)
    if (needed > this.#maxBytes) {
      throw new CompressionError('TOO_LARGE', `zstd: more than the ${this.#maxBytes} bytes come out that are allowed`)
    }
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(needed, this.#bytes.length * 2)))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
