/** Whether the records of a failed send may be in the log. It decides if the caller may send them again. */
export type Outcome = 'never' | 'unknown'

/**
 * Errors of this client's own, beside Kafka's names for what brokers answer (`NOT_LEADER_OR_FOLLOWER`, ...).
 */
export type ClientErrorCode =
  | 'INVALID_CONFIG' // a key, a type or a combination: at construction, or of what a function as ssl gave
  | 'INVALID_ARGUMENT' // a record or call that can never work
  | 'BUFFER_EXHAUSTED' // no room in bufferMemory within maxBlockMs
  | 'METADATA_TIMEOUT' // no broker told the topic's partitions within maxBlockMs
  | 'DELIVERY_TIMEOUT' // no acknowledgement within deliveryTimeoutMs
  | 'CONNECTION_FAILED' // no bootstrap address could be reached
  | 'NOT_KAFKA' // the peer speaks another protocol
  | 'SSL_AUTHENTICATION_FAILED' // TLS: the peer's certificate is not to be trusted, or ours is not
  | 'SEND_ALL_FAILED' // some records of a sendAll failed
  | 'ABORTED' // the caller's signal took the record back before it was sent
  | 'EXPIRED' // the record was not sent within its ttlMs
  | 'SERIALIZATION_TIMEOUT' // an asynchronous serializer gave nothing within maxBlockMs
  | 'SCHEMA_REGISTRY_FAILED' // the schema registry gave no answer, or refused
  | 'INVALID_TRANSACTION_CALL' // a call that the state of the transaction does not allow
  | 'TRANSACTION_ABORTED' // the transaction was aborted before the record was sent
  | 'TRANSACTION_TIMEOUT' // a transactional call had no answer within maxBlockMs, and goes on
  | 'CLOSED' // the producer was closed

export interface KafkaErrorOptions {
  readonly outcome: Outcome
  readonly retriable?: boolean
  readonly fatal?: boolean
  readonly requiresAbort?: boolean
  readonly partition?: number | undefined
  readonly cause?: unknown
}

/**
 * Every error of the producer. One class: switch on `code`.
 */
export class KafkaError extends Error {
  override readonly name: string = 'KafkaError'
  /** Kafka's name of the error for what a broker answered, else a {@link ClientErrorCode}. */
  readonly code: string
  /**
   * May the records be in the log? 'never' is a promise: no attempt reached a broker, or each was definitely
   * refused. After 'unknown' a resend by the caller may write a record twice.
   */
  readonly outcome: Outcome
  /** True when the same call may succeed later. */
  readonly retriable: boolean
  /** True when this producer can never send again: close it and make a new one. */
  readonly fatal: boolean
  /** True when the transaction must be aborted. */
  readonly requiresAbort: boolean
  /** The partition that was chosen for the records; undefined when none was, or they have several. */
  readonly partition: number | undefined
  /** Where this code is explained: what happened, and what to do. Node prints it with the error. */
  readonly docs: string

  constructor(code: string, message: string, options: KafkaErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.outcome = options.outcome
    this.retriable = options.retriable ?? false
    this.fatal = options.fatal ?? false
    this.requiresAbort = options.requiresAbort ?? false
    this.partition = options.partition
    this.docs = `docs/errors.md#${anchorOf(code)}`
  }
}

/** A heading's address. Codes that Kafka does not have yet keep their number, and share one. */
function anchorOf(code: string): string {
  return code.startsWith('UNKNOWN_ERROR_') ? 'unknown_error' : code.toLowerCase()
}

/** The same error with something about it changed. */
export function altered(
  error: KafkaError,
  { message = error.message, ...changes }: Partial<KafkaErrorOptions> & { readonly message?: string },
): KafkaError {
  const { code, outcome, retriable, fatal, requiresAbort, partition, cause } = error
  return new KafkaError(code, message, { outcome, retriable, fatal, requiresAbort, partition, cause, ...changes })
}

/** An error of the caller's making: nothing was sent, and sending the same again cannot help. */
export function invalidArgument(message: string, cause?: unknown): KafkaError {
  return new KafkaError('INVALID_ARGUMENT', message, { outcome: 'never', cause })
}

const HARMLESS_CHARS_MAX = 500

/** Control characters, ends of lines, what changes the direction of writing, and halves of characters. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]+/gu

/** What others wrote goes into errors, and from there into logs: as one printable line, and not a long one. */
export function harmless(text: string, charsMax: number = HARMLESS_CHARS_MAX): string {
  const line = text.replaceAll(UNPRINTABLE, '?')
  return line.length > charsMax ? `${line.slice(0, charsMax)}...` : line
}

/** Why a broker refused: in its own words, if it has any, else what the code means. */
export function reasonOf(errorMessage: string | null | undefined, meaning: string): string {
  return errorMessage === null || errorMessage === undefined ? meaning : harmless(errorMessage)
}
