import { KafkaJSError, KafkaJSNonRetriableError, type Reason } from './kafkajs-error.ts'

export interface KafkaJSConnectionErrorMetadata {
  readonly broker?: string | undefined
  readonly code?: string | undefined
  readonly cause?: Error | undefined
}

/** A broker could not be reached. */
export class KafkaJSConnectionError extends KafkaJSError {
  override name = 'KafkaJSConnectionError'
  readonly broker: string | undefined
  readonly code: string | undefined

  constructor(reason: Reason, { broker, code, cause }: KafkaJSConnectionErrorMetadata = {}) {
    super(reason, { cause })
    this.broker = broker
    this.code = code
  }
}

/** A broker ended the connection. */
export class KafkaJSConnectionClosedError extends KafkaJSConnectionError {
  override name = 'KafkaJSConnectionClosedError'
  readonly host: string | undefined
  readonly port: number | undefined

  constructor(reason: Reason, { host, port, cause }: KafkaJSConnectionClosedErrorMetadata = {}) {
    super(reason, { broker: `${host}:${port}`, cause })
    this.host = host
    this.port = port
  }
}

export interface KafkaJSConnectionClosedErrorMetadata {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly cause?: Error | undefined
}

export interface KafkaJSRequestTimeoutErrorMetadata {
  readonly broker: string
  readonly clientId: string
  readonly correlationId: number
  readonly createdAt: number
  readonly sentAt: number
  readonly pendingDuration: number
}

/** A broker did not answer within `requestTimeout`. */
export class KafkaJSRequestTimeoutError extends KafkaJSError {
  override name = 'KafkaJSRequestTimeoutError'
  readonly broker: string | undefined
  readonly correlationId: number | undefined
  readonly createdAt: number | undefined
  readonly sentAt: number | undefined
  readonly pendingDuration: number | undefined

  constructor(reason: Reason, metadata: Partial<KafkaJSRequestTimeoutErrorMetadata> & { readonly cause?: Error } = {}) {
    super(reason, { cause: metadata.cause })
    this.broker = metadata.broker
    this.correlationId = metadata.correlationId
    this.createdAt = metadata.createdAt
    this.sentAt = metadata.sentAt
    this.pendingDuration = metadata.pendingDuration
  }
}

/** A broker does not believe who we are. */
export class KafkaJSSASLAuthenticationError extends KafkaJSNonRetriableError {
  override name = 'KafkaJSSASLAuthenticationError'
}

export interface KafkaJSServerDoesNotSupportApiKeyMetadata {
  readonly apiKey: number
  readonly apiName: string
}

export class KafkaJSServerDoesNotSupportApiKey extends KafkaJSNonRetriableError {
  override name = 'KafkaJSServerDoesNotSupportApiKey'
  readonly apiKey: number | undefined
  readonly apiName: string | undefined

  constructor(reason: Reason, metadata: Partial<KafkaJSServerDoesNotSupportApiKeyMetadata> = {}) {
    super(reason)
    this.apiKey = metadata.apiKey
    this.apiName = metadata.apiName
  }
}

export class KafkaJSBrokerNotFound extends KafkaJSError {
  override name = 'KafkaJSBrokerNotFound'
}

export class KafkaJSNoBrokerAvailableError extends KafkaJSError {
  override name = 'KafkaJSNoBrokerAvailableError'

  constructor() {
    super('No broker available')
  }
}

export class KafkaJSPartialMessageError extends KafkaJSNonRetriableError {
  override name = 'KafkaJSPartialMessageError'
}

export class KafkaJSUnsupportedMagicByteInMessageSet extends KafkaJSNonRetriableError {
  override name = 'KafkaJSUnsupportedMagicByteInMessageSet'
}

/** KafkaJS gives it the name of its parent, and so does this. */
export class KafkaJSInvalidVarIntError extends KafkaJSNonRetriableError {}

/** KafkaJS gives it the name of its parent, and so does this. */
export class KafkaJSInvalidLongError extends KafkaJSNonRetriableError {}

export class KafkaJSTimeout extends KafkaJSNonRetriableError {
  override name = 'KafkaJSTimeout'
}

export class KafkaJSLockTimeout extends KafkaJSTimeout {
  override name = 'KafkaJSLockTimeout'
}
