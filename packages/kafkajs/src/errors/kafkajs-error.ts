/** What errors are made from: a sentence, or another error whose sentence they take. */
export type Reason = string | (Error & { readonly helpUrl?: string | undefined })

export interface KafkaJSErrorMetadata {
  readonly retriable?: boolean | undefined
  readonly topic?: string | undefined
  readonly partitionId?: number | undefined
  readonly metadata?: unknown
  readonly cause?: Error | undefined
  /** Where more is said of it; that of an error which it is made from is stronger. */
  readonly helpUrl?: string | undefined
}

/** The root of KafkaJS's errors. Its classes are told apart by `name` as often as by `instanceof`. */
export class KafkaJSError extends Error {
  override name = 'KafkaJSError'
  readonly retriable: boolean
  readonly helpUrl: string | undefined
  override readonly cause: Error | undefined

  constructor(reason: Reason, { retriable = true, cause, helpUrl }: KafkaJSErrorMetadata = {}) {
    super(textOf(reason))
    this.retriable = retriable
    this.helpUrl = typeof reason === 'string' ? helpUrl : reason.helpUrl
    this.cause = cause
  }
}

/** The same call can never succeed. */
export class KafkaJSNonRetriableError extends KafkaJSError {
  override name = 'KafkaJSNonRetriableError'

  constructor(reason: Reason, { cause }: Pick<KafkaJSErrorMetadata, 'cause'> = {}) {
    super(reason, { retriable: false, cause })
  }
}

/** The last attempt failed too. `cause` says why. */
export class KafkaJSNumberOfRetriesExceeded extends KafkaJSNonRetriableError {
  override name = 'KafkaJSNumberOfRetriesExceeded'
  override readonly stack: string
  readonly retryCount: number
  readonly retryTime: number

  constructor(reason: Reason, { retryCount, retryTime }: KafkaJSNumberOfRetriesExceededMetadata = NO_RETRIES) {
    super(reason, { cause: typeof reason === 'string' ? undefined : reason })
    this.retryCount = retryCount
    this.retryTime = retryTime
    this.stack = `${this.name}\n  Caused by: ${typeof reason === 'string' ? reason : reason.stack}`
  }
}

export interface KafkaJSNumberOfRetriesExceededMetadata {
  readonly retryCount: number
  readonly retryTime: number
}

const NO_RETRIES: KafkaJSNumberOfRetriesExceededMetadata = { retryCount: 0, retryTime: 0 }

/** Something that this client does not do. */
export class KafkaJSNotImplemented extends KafkaJSNonRetriableError {
  override name = 'KafkaJSNotImplemented'
}

export class KafkaJSInvariantViolation extends KafkaJSNonRetriableError {
  override name = 'KafkaJSInvariantViolation'

  constructor(reason: Reason) {
    super(`Invariant violated: ${textOf(reason)}. This is likely a bug and should be reported.`)
  }
}

/** Several at once. Not a KafkaJSError. */
export class KafkaJSAggregateError extends Error {
  override readonly name: string = 'KafkaJSAggregateError'
  readonly errors: (Error | string)[]

  constructor(message: Error | string, errors: (Error | string)[]) {
    super(textOf(message))
    this.errors = errors
  }
}

/** Kept for those who name it: consumers throw it. */
export class KafkaJSFetcherRebalanceError extends Error {}

function textOf(reason: Reason): string {
  return typeof reason === 'string' ? reason : reason.message
}
