/** A record as an independent reader found it in a log. */
export interface LogRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME' | 'NO_TIMESTAMP_TYPE'
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [key: string, value: Uint8Array | null])[]
}

/** A record as it was handed to a producer. */
export interface SentRecord {
  readonly topic: string
  readonly key: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly headers: readonly (readonly [key: string, value: Uint8Array | null])[]
  /** Undefined: the producer takes the time of the call. */
  readonly timestamp?: number
  /** Undefined: the producer chooses. */
  readonly partition?: number
}

/** Which part of the record differs from what was sent, or undefined. Timestamps are looked at elsewhere. */
export function differenceOf(sent: SentRecord, read: LogRecord): string | undefined {
  if (!isSame(sent.key, read.key)) return 'another key'
  if (!isSame(sent.value, read.value)) return 'another value'
  if (sent.headers.length !== read.headers.length) return `${read.headers.length} headers`
  for (const [at, [name, value]] of sent.headers.entries()) {
    const header = read.headers[at]
    if (header === undefined || name !== header[0] || !isSame(value, header[1])) return `another header ${at}`
  }
  return undefined
}

function isSame(sent: string | Uint8Array | null, read: Uint8Array | null): boolean {
  if (sent === null || read === null) return sent === read
  return Buffer.compare(typeof sent === 'string' ? Buffer.from(sent) : sent, read) === 0
}
