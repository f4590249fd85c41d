import { CompressionError } from '../compression-error.ts'

export function corrupt(what: string): CompressionError {
  return new CompressionError('CORRUPT', `zstd: ${what}`)
}
