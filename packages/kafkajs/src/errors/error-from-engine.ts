import { KafkaError } from '@linger/producer'
import { lastRetryTimeMs, type RetrySchedule } from '../retry/retry.ts'
import { reasonOf, refusalNamed } from './broker-refusals.ts'
import { KafkaJSMetadataNotLoaded } from './cluster-errors.ts'
import { KafkaJSError, KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded } from './kafkajs-error.ts'
import {
  KafkaJSConnectionClosedError,
  KafkaJSConnectionError,
  KafkaJSRequestTimeoutError,
  KafkaJSSASLAuthenticationError,
} from './network-errors.ts'
import { KafkaJSProtocolError } from './protocol-errors.ts'

/**
 * What KafkaJS would have thrown. What can succeed later has been tried again by the engine, so it comes as
 * KafkaJSNumberOfRetriesExceeded, with the last failure as `cause`. The engine's own error stands at the end of the
 * causes: its `outcome` tells whether the messages may have been written.
 */
export function errorFromEngine(error: unknown, schedule: RetrySchedule): Error {
  if (!(error instanceof KafkaError)) return error instanceof Error ? error : new Error(String(error))
  const own = thrownInDialogue(error)
  if (own !== undefined) return own
  const failure = failureOf(error)
  if (!failure.retriable) return failure
  const { retries: retryCount } = schedule
  return new KafkaJSNumberOfRetriesExceeded(failure, { retryCount, retryTime: lastRetryTimeMs(schedule) })
}

/** One failure, as it was at the last attempt. */
export function failureOf(error: KafkaError): KafkaJSError {
  switch (error.code) {
    case 'CONNECTION_FAILED':
    case 'NOT_KAFKA':
    case 'SSL_AUTHENTICATION_FAILED':
      return connectionFailed(error)
    case 'NETWORK_EXCEPTION':
      return new KafkaJSConnectionClosedError('Closed connection', { ...peerIn(error), cause: error })
    case 'REQUEST_TIMED_OUT':
      return isOfTheClient(error) ? requestTimedOut(error) : refused('REQUEST_TIMED_OUT', error)
    case 'SASL_AUTHENTICATION_FAILED':
      return new KafkaJSSASLAuthenticationError(saslReason(error), { cause: error })
    case 'DELIVERY_TIMEOUT':
      return lastAttemptOf(error)
    case 'METADATA_TIMEOUT':
      return new KafkaJSMetadataNotLoaded(error.message, { cause: error })
    case 'BUFFER_EXHAUSTED':
      return new KafkaJSError(error.message, { cause: error })
    case 'CLOSED':
      return new KafkaJSError('The producer is disconnected', { cause: error, retriable: false })
    case 'INVALID_CONFIG':
    case 'INVALID_ARGUMENT':
    case 'INVALID_TRANSACTION_CALL':
    case 'TRANSACTION_ABORTED':
    case 'TRANSACTION_TIMEOUT':
      return new KafkaJSNonRetriableError(error, { cause: error })
    default:
      return refused(error.code, error)
  }
}

/** What a broker answered, by Kafka's name of today. */
export function refused(name: string, cause: KafkaError): KafkaJSProtocolError {
  return new KafkaJSProtocolError(reasonOf(name, cause.message), { cause })
}

/** A batch at the end of its time: why its last attempt failed, if there was one. */
function lastAttemptOf(error: KafkaError): KafkaJSError {
  const { cause } = error
  if (cause instanceof KafkaError) return failureOf(cause)
  const [, name = ''] = cause instanceof Error ? (/^([A-Z_]+):/.exec(cause.message) ?? []) : []
  const refusal = refusalNamed(name)
  return refusal === undefined
    ? new KafkaJSConnectionError(`Connection error: ${error.message}`, { cause: error })
    : new KafkaJSProtocolError(refusal, { cause: error })
}

function connectionFailed(error: KafkaError): KafkaJSConnectionError {
  const root = rootOf(error)
  const code = 'code' in root && typeof root.code === 'string' ? root.code : undefined
  const { host, port } = peerIn(error)
  const broker = host === undefined ? undefined : `${host}:${port}`
  const isTimeout = root instanceof KafkaError && root.code === 'REQUEST_TIMED_OUT'
  if (isTimeout || root === error) return new KafkaJSConnectionError('Connection timeout', { broker, cause: error })
  return new KafkaJSConnectionError(`Connection error: ${root.message}`, { broker, code, cause: error })
}

function requestTimedOut(error: KafkaError): KafkaJSRequestTimeoutError {
  const { host, port } = peerIn(error)
  const broker = host === undefined ? {} : { broker: `${host}:${port}` }
  return new KafkaJSRequestTimeoutError(`Request timed out: ${error.message}`, { ...broker, cause: error })
}

/** No answer at all, where a broker can also answer that it took too long. */
function isOfTheClient(error: KafkaError): boolean {
  return error.cause instanceof KafkaError || error.message.includes('requestTimeoutMs')
}

/** KafkaJS names the mechanism; what the broker says of it is the engine's to tell. */
function saslReason({ message }: KafkaError): string {
  const [, mechanism, reason] = REFUSED.exec(message) ?? BROKEN_OFF.exec(message) ?? []
  if (mechanism === undefined) return message
  // As KafkaJS has it: SCRAM SHA256, AWS-IAM.
  const title = mechanism.replace(/^SCRAM-SHA-/, 'SCRAM SHA').replace(/^AWS$/, 'AWS-IAM')
  return `SASL ${title} authentication failed: ${reason}`
}

const REFUSED = /refused (\S+): (.*)$/
const BROKEN_OFF = /: (\S+) was broken off by this client: (.*)$/

/** What a provider of tokens or a mechanism of the user has thrown comes as it is. SCRAM is the engine's own. */
function thrownInDialogue({ code, message, cause }: KafkaError): Error | undefined {
  const [, mechanism] = BROKEN_OFF.exec(message) ?? []
  if (code !== 'SASL_AUTHENTICATION_FAILED' || mechanism === undefined || mechanism.startsWith('SCRAM-'))
    return undefined
  let thrown = cause
  while (thrown instanceof KafkaError) thrown = thrown.cause
  return thrown instanceof Error ? thrown : undefined
}

/** What KafkaJS tells a mechanism of the user when the broker refuses its token. */
export function refusedToken(refusal: unknown): Error {
  if (!(refusal instanceof KafkaError)) return refusal instanceof Error ? refusal : new Error(String(refusal))
  const [, , reason = refusal.message] = REFUSED.exec(refusal.message) ?? []
  return new KafkaJSProtocolError({ ...AUTHENTICATION_FAILED, message: reason }, { cause: refusal })
}

const AUTHENTICATION_FAILED = { type: 'SASL_AUTHENTICATION_FAILED', code: 58, retriable: false }

function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error
}

/** The engine's errors begin with the broker that they are about. */
function peerIn({ message }: Error): { readonly host?: string; readonly port?: number } {
  const [, host, port] = /(?:^|[\s:])([\w.[\]:-]*[\w\]]):(\d{1,5})[\s:]/.exec(message) ?? []
  return host === undefined ? {} : { host, port: Number(port) }
}
