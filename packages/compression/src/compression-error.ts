/** What went wrong. Stable: switch on it. */
export type CompressionErrorCode =
  /** The package that does it is not installed, or has no binary for this platform. */
  | 'MISSING_LIBRARY'
  /** A level that the codec does not have. */
  | 'INVALID_LEVEL'
  /** The library did not compress; memory that ran out, most likely. */
  | 'FAILED'
  /** The compressed bytes end too early. */
  | 'TRUNCATED'
  /** They are not of this format, or damaged. */
  | 'CORRUPT'
  /** They are whole, and something follows. */
  | 'TRAILING_BYTES'
  /** More would come out than the caller allows. */
  | 'TOO_LARGE'
  /** A part of the format that Kafka's readers refuse as well. */
  | 'UNSUPPORTED'

/** Every failure to compress or decompress. */
export class CompressionError extends Error {
  override readonly name: string = 'CompressionError'
  readonly code: CompressionErrorCode

  constructor(code: CompressionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
