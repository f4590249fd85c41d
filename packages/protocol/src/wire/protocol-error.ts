/** What is wrong with the bytes, or with the value that was to become bytes. Stable: switch on it. */
export type ProtocolErrorCode =
  /** The bytes end before the value does. A size or count larger than the rest is this as well. */
  | 'TRUNCATED'
  /** A size or count that no value has: negative, overlong, or not what the surrounding size allows. */
  | 'INVALID_LENGTH'
  /** Null where this version of the message has no null. */
  | 'UNEXPECTED_NULL'
  /** Bytes are left over after the last field. */
  | 'TRAILING_BYTES'
  /** A value that its type cannot hold, such as a uuid of 21 letters. */
  | 'INVALID_VALUE'
  /** A field without default was left out. */
  | 'MISSING_FIELD'
  /** This version of the API is not spoken here, or has no such field and may not drop its value. */
  | 'UNSUPPORTED_VERSION'
  /** A checksum does not match its bytes. */
  | 'CORRUPT'

/** Every failure to decode bytes, and every message that cannot be encoded as asked. */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError'
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
