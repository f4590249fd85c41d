import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Api, type ApiCodec, apis, codecFor, Reader, Writer } from '../src/index.ts'

/** A message and its bytes, both written by Kafka's own classes: test/java/GoldenMessages.java. */
export interface GoldenVector {
  readonly api: Api
  readonly direction: 'request' | 'response'
  readonly version: number
  readonly value: Readonly<Record<string, unknown>>
  readonly bytes: Uint8Array
}

/** The lines of a file in test/golden, with {"$int64": ...} and {"$bytes": ...} made bigint and bytes. */
export function goldenLines(file: string): unknown[] {
  const text = readFileSync(join(import.meta.dirname, 'golden', file), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line, revive))
}

export function goldenVectors(api: Api): GoldenVector[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the Java program writes, and every test reads
  const lines = goldenLines(`${api.name}.jsonl`) as (Omit<GoldenVector, 'api' | 'bytes'> & { bytes: string })[]
  return lines.map((line) => ({ ...line, api, bytes: Buffer.from(line.bytes, 'base64') }))
}

export const allGoldenVectors: readonly GoldenVector[] = apis.flatMap(goldenVectors)

export function decodeBody({ api, version, direction }: GoldenVector, bytes: Uint8Array): unknown {
  const reader = new Reader(bytes)
  const codec = codecFor(api, version)
  const value = direction === 'request' ? codec.decodeRequest(reader) : codec.decodeResponse(reader)
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes were not read`)
  return value
}

export function encodeBody(
  { api, version, direction }: GoldenVector,
  value: Readonly<Record<string, unknown>>,
): Buffer {
  const writer = new Writer(1)
  const codec: ApiCodec = codecFor(api, version)
  if (direction === 'request') codec.encodeRequest(writer, value)
  else codec.encodeResponse(writer, value)
  return writer.finish()
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$int64' in value) return BigInt(String(value.$int64))
  if ('$bytes' in value) return Buffer.from(String(value.$bytes), 'base64')
  return value
}
