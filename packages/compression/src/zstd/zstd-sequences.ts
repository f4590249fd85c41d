import { BackwardBitReader } from './bit-reader.ts'
import { corrupt } from './corrupt.ts'
import { buildFseTable, type FseTable, fseTableOf, readFseTable } from './fse-table.ts'

/** One of the three codes that make a sequence. */
interface Code {
  readonly defaults: FseTable
  readonly accuracyLogMax: number
  readonly symbolMax: number
}

const LITERAL_LENGTH: Code = {
  defaults: buildFseTable(
    6,
    [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
  ),
  accuracyLogMax: 9,
  symbolMax: 35,
}

const MATCH_LENGTH: Code = {
  defaults: buildFseTable(
    6,
    [
      1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
      1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ],
  ),
  accuracyLogMax: 9,
  symbolMax: 52,
}

const OFFSET: Code = {
  defaults: buildFseTable(
    5,
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
  ),
  accuracyLogMax: 8,
  symbolMax: 31,
}

/** The bits that follow the codes of lengths, and what they are added to. */
const LITERAL_BITS = [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
const MATCH_BITS = [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
const LITERAL_BASES = basesOf(LITERAL_BITS, 0)
const MATCH_BASES = basesOf(MATCH_BITS, 3)

const PREDEFINED = 0
const RLE = 1
const DESCRIBED = 2

/** The tables that the next block may use again. */
export interface SequenceTables {
  readonly literalLength: FseTable
  readonly offset: FseTable
  readonly matchLength: FseTable
}

/** Takes `literalLength` literals, and then a match. */
export type OnSequence = (literalLength: number, offsetValue: number, matchLength: number) => void

/**
 * Reads the sequences of a block.
 *
 * @param bytes the block after its literals
 * @returns the tables, for the next block
 * @source RFC 8878, 3.1.1.3.2
 */
export function readZstdSequences(
  bytes: Uint8Array,
  before: SequenceTables | undefined,
  onSequence: OnSequence,
): SequenceTables | undefined {
  const [first = 0, second = 0, third = 0] = bytes
  if (bytes.length === 0) throw corrupt('a block without sequences')
  if (first === 0) {
    if (bytes.length > 1) throw corrupt('a block that goes on after its end')
    return before
  }
  const count = first < 128 ? first : first < 255 ? ((first - 128) << 8) + second : second + (third << 8) + 0x7f00
  let at = first < 128 ? 1 : first < 255 ? 2 : 3
  const modes = bytes[at++] ?? 0
  if ((modes & 3) !== 0) throw corrupt('the reserved bits of a block are set')

  const tableFor = (mode: number, code: Code, tableBefore: FseTable | undefined): FseTable => {
    if (mode === PREDEFINED) return code.defaults
    if (mode === DESCRIBED) {
      const { table, sizeBytes } = readFseTable(bytes.subarray(at), code.accuracyLogMax, code.symbolMax)
      at += sizeBytes
      return table
    }
    if (mode === RLE) {
      const symbol = bytes[at++] ?? Infinity
      if (symbol > code.symbolMax) throw corrupt('a code that is not there')
      return fseTableOf(symbol)
    }
    if (tableBefore === undefined) throw corrupt('sequences that need a table of a block before')
    return tableBefore
  }
  const literalLength = tableFor(modes >> 6, LITERAL_LENGTH, before?.literalLength)
  const offset = tableFor((modes >> 4) & 3, OFFSET, before?.offset)
  const matchLength = tableFor((modes >> 2) & 3, MATCH_LENGTH, before?.matchLength)
  const tables = { literalLength, offset, matchLength }
  decodeSequences(new BackwardBitReader(bytes.subarray(at)), count, tables, onSequence)
  return tables
}

function decodeSequences(
  bits: BackwardBitReader,
  count: number,
  { literalLength, offset, matchLength }: SequenceTables,
  onSequence: OnSequence,
): void {
  let literalState = bits.read(literalLength.accuracyLog)
  let offsetState = bits.read(offset.accuracyLog)
  let matchState = bits.read(matchLength.accuracyLog)
  for (let index = 0; index < count; index++) {
    const literalCode = literalLength.symbols[literalState] ?? 0
    const offsetCode = offset.symbols[offsetState] ?? 0
    const matchCode = matchLength.symbols[matchState] ?? 0
    const offsetValue = 2 ** offsetCode + bits.read(offsetCode)
    const matched = (MATCH_BASES[matchCode] ?? 0) + bits.read(MATCH_BITS[matchCode] ?? 0)
    const literals = (LITERAL_BASES[literalCode] ?? 0) + bits.read(LITERAL_BITS[literalCode] ?? 0)
    if (bits.left < 0) throw corrupt('sequences that end too early')
    onSequence(literals, offsetValue, matched)
    if (index === count - 1) break
    literalState = nextState(literalLength, literalState, bits)
    matchState = nextState(matchLength, matchState, bits)
    offsetState = nextState(offset, offsetState, bits)
  }
  if (bits.left !== 0) throw corrupt('sequences that do not end where they should')
}

function nextState(table: FseTable, state: number, bits: BackwardBitReader): number {
  return (table.bases[state] ?? 0) + bits.read(table.bitCounts[state] ?? 0)
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}

/** Each code begins where the one before it ends. */
function basesOf(bitCounts: readonly number[], first: number): number[] {
  let base = first
  return bitCounts.map((bitCount) => {
    const start = base
    base += 2 ** bitCount
    return start
  })
}
