import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CompressionType } from '../src/index.ts'

interface Compressed {
  readonly type: CompressionType
  readonly bytes: Buffer
}

/** What Kafka's own classes compressed, and what it was. */
export interface JavaLine extends Compressed {
  readonly name: string
  /** Of the content. */
  readonly sizeBytes: number
  readonly sha256: string
}

/** The records of a batch that librdkafka compressed: their values are JSON, with an id that counts from 0. */
export interface LibrdkafkaLine extends Compressed {
  readonly recordCount: number
}

export function javaLines(): JavaLine[] {
  return goldenLines<JavaLine>('java.jsonl')
}

export function librdkafkaLines(): LibrdkafkaLine[] {
  return goldenLines<LibrdkafkaLine>('librdkafka.jsonl')
}

/** The lines of a file in test/golden; test/compression/ in the repository's root writes them. */
function goldenLines<Line extends Compressed>(file: string): Line[] {
  const text = readFileSync(join(import.meta.dirname, 'golden', file), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the programs write
      const parsed = JSON.parse(line) as Line & { readonly bytes: string }
      return { ...parsed, bytes: Buffer.from(parsed.bytes, 'base64') }
    })
}
