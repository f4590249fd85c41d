import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CompressionType } from '../src/index.ts'

/** Bytes that another client compressed, and what they are. */
export interface GoldenLine {
  readonly type: CompressionType
  readonly name: string
  readonly bytes: Buffer
  /** Of the content. */
  readonly sizeBytes: number
  readonly sha256: string
}

/** The lines of a file in test/golden; test/compression/ in the repository's root writes them. */
export function goldenLines(file: string): GoldenLine[] {
  const text = readFileSync(join(import.meta.dirname, 'golden', file), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the programs write
      const parsed = JSON.parse(line) as Omit<GoldenLine, 'bytes'> & { readonly bytes: string }
      return { ...parsed, bytes: Buffer.from(parsed.bytes, 'base64') }
    })
}
