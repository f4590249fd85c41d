import { readFileSync } from 'node:fs'

/** One line of produce-error-table.txt. */
export interface ErrorRow {
  readonly code: number
  /** What decides beside the code, where it has two lines: '1 record', 'start unknown'. Else empty. */
  readonly variant: string
  readonly refreshesMetadata: boolean
  readonly cells: readonly Cell[]
}

/** What is expected in one mode and one situation. */
export interface Cell {
  readonly isIdempotent: boolean
  readonly mayBeWritten: boolean
  readonly isLast: boolean
  readonly expected: string
}

const SITUATIONS = [
  { mayBeWritten: false, isLast: false },
  { mayBeWritten: false, isLast: true },
  { mayBeWritten: true, isLast: false },
  { mayBeWritten: true, isLast: true },
] as const

/** The table of what becomes of a batch, line by line. */
export function readErrorTable(): ErrorRow[] {
  const text = readFileSync(new URL('produce-error-table.txt', import.meta.url), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(rowOf)
}

function rowOf(line: string): ErrorRow {
  const [head = '', ...modes] = line.split('|')
  const match = /^ *(?<code>-?\d+) \w+(?: \((?<variant>[^)]+)\))? +(?<refresh>metadata|-) *$/.exec(head)
  if (match?.groups === undefined) throw new Error(`not a line of the table: ${line}`)
  const { code, variant, refresh } = match.groups
  return {
    code: Number(code),
    variant: variant ?? '',
    refreshesMetadata: refresh === 'metadata',
    cells: modes.flatMap((mode, index) => cellsOf(mode, index === 1)),
  }
}

function cellsOf(mode: string, isIdempotent: boolean): Cell[] {
  // A word, and what follows from it.
  const words = mode.match(/\S+(?: (?:bump|reset|fatal))?/g) ?? []
  if (words.length !== SITUATIONS.length) throw new Error(`not four cells: ${mode}`)
  return SITUATIONS.map((situation, index) => ({ ...situation, isIdempotent, expected: words[index] ?? '' }))
}
