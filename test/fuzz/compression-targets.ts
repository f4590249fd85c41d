import {
  COMPRESSION_TYPES,
  compressionCodecFor,
  CompressionError,
  type CompressionType,
  decompress,
} from '@linger/compression'
import { jsonLines, randomBytes } from '../../packages/compression/test/contents.ts'
import { javaLines, librdkafkaLines } from '../../packages/compression/test/golden-lines.ts'
import { decompressZstd } from '../../packages/compression/src/zstd/decompress-zstd.ts'
import { damagedBytes, type Sample } from './damaged-bytes.ts'
import { type FuzzTarget, fuzzTarget } from './fuzz-target.ts'

const MAX_BYTES = 65_536
const SAMPLE_BYTES_MAX = 4_096

const DECODERS: readonly (readonly [name: string, type: CompressionType, decode: (bytes: Buffer) => Buffer])[] = [
  ...COMPRESSION_TYPES.map(
    (type) => [type, type, (bytes: Buffer) => decompress(type, bytes, { maxBytes: MAX_BYTES })] as const,
  ),
  ['zstd without node:zlib', 'zstd', (bytes) => decompressZstd(bytes, MAX_BYTES, false)],
]

const contents = [jsonLines(300), randomBytes(200), Buffer.alloc(5_000), Buffer.alloc(0), jsonLines(20_000)]

/** What we, Java and librdkafka compressed. */
async function samplesOf(type: CompressionType): Promise<Sample<CompressionType>[]> {
  const codec = compressionCodecFor(type)
  const own = await Promise.all(contents.map((content) => codec.compress([content])))
  const theirs = [...javaLines(), ...librdkafkaLines()].filter((line) => line.type === type).map(({ bytes }) => bytes)
  return [...own, ...theirs].filter(({ length }) => length <= SAMPLE_BYTES_MAX).map((bytes) => ({ kind: type, bytes }))
}

export const compressionTargets: readonly FuzzTarget[] = await Promise.all(
  DECODERS.map(async ([name, type, decode]) =>
    fuzzTarget(`decompression of ${name}`, {
      inputs: damagedBytes(await samplesOf(type)),
      read: ({ bytes }) => {
        const { length } = decode(Buffer.from(bytes))
        if (length > MAX_BYTES) throw new Error(`${length} bytes came out, where ${MAX_BYTES} are allowed`)
      },
      isRefusal: (error) => error instanceof CompressionError,
    }),
  ),
)
