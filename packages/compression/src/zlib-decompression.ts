import { CompressionError, type CompressionErrorCode } from './compression-error.ts'
import { ownBytes } from './own-bytes.ts'

const CHUNK_BYTES_MIN = 1024
const CHUNK_BYTES_MAX = 256 * 1024
const USUAL_RATIO = 4
const { MAX_LENGTH: BUFFER_BYTES_MAX } = process.getBuiltinModule('node:buffer').constants

/** What gunzip and zstd take alike. */
interface Options {
  readonly chunkSize: number
  readonly maxOutputLength: number
  readonly info: true
}

interface Decompressed {
  readonly content: Buffer
  /** How many of the compressed bytes were read. */
  readonly consumedBytes: number
}

/**
 * Decompresses with a function of node:zlib, which stops once more than `maxBytes` came out: at most a chunk more
 * than that is ever in memory.
 */
export function decompressByZlib(
  type: string,
  decompress: (bytes: Uint8Array, options: Options) => unknown,
  bytes: Uint8Array,
  maxBytes: number,
): Decompressed {
  const chunkSize = Math.max(CHUNK_BYTES_MIN, Math.min(CHUNK_BYTES_MAX, bytes.length * USUAL_RATIO, maxBytes))
  // Zero is none of Node's lengths.
  const maxOutputLength = Math.max(1, Math.min(maxBytes, BUFFER_BYTES_MAX))
  let answer: unknown
  try {
    answer = decompress(bytes, { chunkSize, maxOutputLength, info: true })
  } catch (cause) {
    throw new CompressionError(codeOf(cause), `${type}: ${describe(cause, maxBytes)}`, { cause })
  }
  if (!isInfo(answer)) throw new TypeError('node:zlib did not tell how much it read')
  if (answer.buffer.length > maxBytes) throw new CompressionError('TOO_LARGE', `${type}: ${tooLarge(maxBytes)}`)
  return { content: ownBytes(answer.buffer), consumedBytes: answer.engine.bytesWritten }
}

function codeOf(cause: unknown): CompressionErrorCode {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ERR_BUFFER_TOO_LARGE') return 'TOO_LARGE'
  return code === 'Z_BUF_ERROR' ? 'TRUNCATED' : 'CORRUPT'
}

function describe(cause: unknown, maxBytes: number): string {
  if (codeOf(cause) === 'TOO_LARGE') return tooLarge(maxBytes)
  return cause instanceof Error ? cause.message : String(cause)
}

function tooLarge(maxBytes: number): string {
  return `more than the ${maxBytes} bytes come out that are allowed`
}

function isInfo(
  answer: unknown,
): answer is { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } } {
  if (typeof answer !== 'object' || answer === null || !('buffer' in answer) || !('engine' in answer)) return false
  const { buffer, engine } = answer
  if (typeof engine !== 'object' || engine === null || !('bytesWritten' in engine)) return false
  return buffer instanceof Uint8Array && typeof engine.bytesWritten === 'number'
}
