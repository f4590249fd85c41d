import { describe, expect, test } from 'vitest'
import {
  COMPRESSION_TYPES,
  compressionCodecFor,
  CompressionError,
  type CompressionType,
  decompress,
} from '../src/index.ts'
import { decompressZstd } from '../src/zstd/decompress-zstd.ts'
import { jsonLines, nextRandom, randomBytes } from './contents.ts'
import { javaLines, librdkafkaLines } from './golden-lines.ts'

/** LINGER_FUZZ_MS for a longer search, LINGER_FUZZ_SEED to see again what was found. */
const BUDGET_MS = Number(process.env['LINGER_FUZZ_MS'] ?? 5_000) / 5
const SEED = Number(process.env['LINGER_FUZZ_SEED'] ?? Math.floor(Math.random() * 0x1_0000_0000))

const LIMITS = { maxBytes: 64 * 1024 }
const CORPUS_BYTES_MAX = 4_096

/** What is written over bytes: lengths that are the largest, negative, zero, and what the formats begin with. */
const TOKENS = [
  'ffffffff',
  '7fffffff',
  '80000000',
  '00000000',
  'ffffffff0f',
  '04224d18',
  '28b52ffd',
  '1f8b',
  '82534e41',
]

process.stdout.write(`fuzzing the decoders: LINGER_FUZZ_SEED=${SEED}\n`)

type Decode = (bytes: Buffer) => Buffer

const DECODERS: readonly (readonly [name: string, type: CompressionType, decode: Decode])[] = [
  ...COMPRESSION_TYPES.map((type) => [type, type, (bytes: Buffer) => decompress(type, bytes, LIMITS)] as const),
  ['zstd without node:zlib', 'zstd', (bytes) => decompressZstd(bytes, LIMITS.maxBytes, false)],
]

describe.each(DECODERS)('%s', (_, type, decode) => {
  test('bytes of any kind give bytes within the limit, or a CompressionError', async () => {
    const corpus = await corpusOf(type)
    const endMs = performance.now() + BUDGET_MS
    let state = SEED | 0
    let rounds = 0
    for (; performance.now() < endMs; rounds++) {
      const bytes = mutated(corpus, () => (state = nextRandom(state)) >>> 0)
      try {
        expect(decode(bytes).length).toBeLessThanOrEqual(LIMITS.maxBytes)
      } catch (error) {
        if (error instanceof CompressionError) continue
        const found = `${bytes.toString('hex')} (LINGER_FUZZ_SEED=${SEED}, round ${rounds})`
        throw new Error(`${type} of ${found}: ${String(error)}`, { cause: error })
      }
    }
    expect(rounds).toBeGreaterThan(0)
  })
})

async function corpusOf(type: CompressionType): Promise<Buffer[]> {
  const codec = compressionCodecFor(type)
  const contents = [jsonLines(300), randomBytes(200), Buffer.alloc(5_000), Buffer.alloc(0), jsonLines(20_000)]
  const own = await Promise.all(contents.map((content) => codec.compress([content])))
  const theirs = [...javaLines(), ...librdkafkaLines()].flatMap((line) => (line.type === type ? [line.bytes] : []))
  return [...own, ...theirs].filter(({ length }) => length <= CORPUS_BYTES_MAX)
}

function mutated(corpus: readonly Buffer[], random: () => number): Buffer {
  const any = (): Buffer => corpus[random() % corpus.length] ?? Buffer.alloc(0)
  let bytes = Buffer.from(any())
  for (let count = 1 + (random() % 4); count > 0; count--) {
    const at = random() % (bytes.length + 1)
    switch (random() % 6) {
      case 0: // one byte
        if (at < bytes.length) bytes.writeUInt8(random() & 0xff, at)
        break
      case 1: // one bit
        if (at < bytes.length) bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (random() & 7)), at)
        break
      case 2: // a token
        Buffer.from(TOKENS[random() % TOKENS.length] ?? '', 'hex').copy(bytes, at)
        break
      case 3: // a cut
        bytes = bytes.subarray(0, at)
        break
      case 4: // a piece taken out
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + (random() % 16))])
        break
      default: // the end of another
        bytes = Buffer.concat([bytes.subarray(0, at), any().subarray(at)])
    }
  }
  return bytes
}
