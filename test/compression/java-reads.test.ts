import {
  COMPRESSION_TYPES,
  compressionCodecFor,
  CompressionError,
  type CompressionType,
  decompress,
} from '@linger/compression'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonLines, randomBytes } from '../../packages/compression/test/contents.ts'
import { hasJava } from '../conformance/java-presence.ts'
import { GOLDEN_FOLDER } from './golden-folder.ts'
import { type JavaReading, readByJava, writeJavaGolden } from './kafka-classes.ts'

const WAYS: readonly (readonly [name: string, type: CompressionType, level: number | undefined])[] = [
  ...COMPRESSION_TYPES.map((type) => [type, type, undefined] as const),
  ...[1, 6, 9].map((level) => [`gzip ${level}`, 'gzip', level] as const),
  ...[-131_072, -5, 3, 19, 22].map((level) => [`zstd ${level}`, 'zstd', level] as const),
]

const CONTENTS: readonly Buffer[] = [0, 1, 70_000, 300_000].flatMap((size) => [jsonLines(size), randomBytes(size)])
const LARGE: readonly Buffer[] = [jsonLines(10 * 1024 * 1024), randomBytes(10 * 1024 * 1024)]

/** zstd of level 22 takes seconds for a megabyte. */
function contentsFor(level: number | undefined): readonly Buffer[] {
  return level === undefined ? [...CONTENTS, ...LARGE] : CONTENTS
}

const compressed = (type: CompressionType, text: string): Promise<Buffer> =>
  compressionCodecFor(type).compress([Buffer.from(text)])
const twice = (bytes: Buffer): Buffer => Buffer.concat([bytes, bytes])
const followedBy = (bytes: Buffer, more: string): Buffer => Buffer.concat([bytes, Buffer.from(more)])
const withByte = (bytes: Buffer, at: number, flip: number): Buffer => {
  const changed = Buffer.from(bytes)
  changed.writeUInt8(changed.readUInt8(at) ^ flip, at)
  return changed
}

const text = 'hello, hello, hello'
const gzip = gzipSync(text)
const snappy = await compressed('snappy', text)
const lz4 = await compressed('lz4', text)
const zstd = await compressed('zstd', text)

/** Bytes that are not quite right, and who reads them. */
const ODD: readonly (readonly [
  name: string,
  type: CompressionType,
  bytes: Buffer,
  readers: 'all' | 'java' | 'none',
])[] = [
  ['two gzip members', 'gzip', twice(gzip), 'all'],
  ['a gzip that is cut', 'gzip', gzip.subarray(0, -1), 'none'],
  ['a gzip with another checksum', 'gzip', withByte(gzip, gzip.length - 5, 1), 'none'],
  ['snappy without framing', 'snappy', snappy.subarray(20), 'all'],
  ['snappy of another version', 'snappy', withByte(withByte(snappy, 15, 1), 11, 1), 'all'],
  ['a framing of no block', 'snappy', snappy.subarray(0, 16), 'all'],
  ['a snappy that is cut', 'snappy', snappy.subarray(0, -1), 'none'],
  ['nothing, as snappy', 'snappy', Buffer.alloc(0), 'none'],
  ['an lz4 without its end', 'lz4', lz4.subarray(0, -4), 'none'],
  ['an lz4 with another checksum', 'lz4', withByte(lz4, 6, 1), 'none'],
  [
    'an lz4 of linked blocks',
    'lz4',
    Buffer.from('04224d184040c00400000030616263 00000000'.replace(' ', ''), 'hex'),
    'none',
  ],
  ['nothing, as lz4', 'lz4', Buffer.alloc(0), 'none'],
  ['a zstd that is cut', 'zstd', zstd.subarray(0, -1), 'none'],
  ['a zstd and other bytes', 'zstd', followedBy(zstd, 'other bytes'), 'none'],
  // No client writes these, and where Java stops at the first end, bytes could hide behind it.
  ['two framings of snappy', 'snappy', twice(snappy), 'java'],
  ['two lz4 frames', 'lz4', twice(lz4), 'java'],
  ['two zstd frames', 'zstd', twice(zstd), 'java'],
  ['a gzip and zeros', 'gzip', followedBy(gzip, '\0\0\0'), 'java'],
  ['an lz4 and other bytes', 'lz4', followedBy(lz4, 'other bytes'), 'java'],
  ['nothing, as zstd', 'zstd', Buffer.alloc(0), 'java'],
]

describe.skipIf(!hasJava)('compressed bytes and Kafka’s own classes', () => {
  let folder = ''
  let readings: ReadonlyMap<string, JavaReading | undefined>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'linger-compression-'))
    for (const [way, [, type, level]] of WAYS.entries()) {
      for (const [index, content] of contentsFor(level).entries()) {
        const bytes = await compressionCodecFor(type, level).compress([content])
        await writeFile(join(folder, `${way}-${index}.${type}`), bytes)
      }
    }
    for (const [index, [, type, bytes]] of ODD.entries()) await writeFile(join(folder, `odd-${index}.${type}`), bytes)
    readings = await readByJava(folder)
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  test.each(WAYS.map(([name, type, level], way) => ({ name, type, level, way })))(
    'Java reads what $name wrote',
    ({ type, level, way }) => {
      for (const [index, content] of contentsFor(level).entries()) {
        expect(readings.get(`${way}-${index}.${type}`), `${content.length} bytes, ${index}`).toEqual({
          sizeBytes: content.length,
          sha256: createHash('sha256').update(content).digest('hex'),
        })
      }
    },
  )

  test.each(ODD.map(([name, type, bytes, readers], index) => ({ name, type, bytes, readers, index })))(
    '$name: read by $readers',
    ({ type, bytes, readers, index }) => {
      const javas = readings.get(`odd-${index}.${type}`)
      expect(javas !== undefined).toBe(readers !== 'none')
      const ours = readingOf(type, bytes)
      expect(ours !== undefined).toBe(readers === 'all')
      if (ours !== undefined) expect(ours).toEqual(javas)
    },
  )

  test('the golden lines are what Java writes', async () => {
    await writeJavaGolden(join(folder, 'java.jsonl'))
    const written = await comparableLines(join(folder, 'java.jsonl'))
    const kept = await comparableLines(join(GOLDEN_FOLDER, 'java.jsonl'))
    expect(written.length).toBe(kept.length)
    for (const [index, line] of kept.entries()) expect(written[index], `line ${index + 1}`).toBe(line)
  })
})

function readingOf(type: CompressionType, bytes: Buffer): JavaReading | undefined {
  try {
    const content = decompress(type, bytes, { maxBytes: 1000 })
    return { sizeBytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
  } catch (error) {
    if (error instanceof CompressionError) return undefined
    throw error
  }
}

/** A JDK brings its own zlib, and that decides gzip's bytes. */
async function comparableLines(path: string): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.map((line) => (line.startsWith('{"type":"gzip"') ? line.replace(/"bytes":"[^"]*"/, '') : line))
}
