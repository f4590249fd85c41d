import { errorFor } from '@linger/protocol'
import { altered, KafkaError } from '../errors.ts'
import type { TransactionalApi } from './transaction-reaction.ts'

const INVALID_PRODUCER_EPOCH = 47
const PRODUCER_FENCED = 90

/** What a coordinator answered, in words. */
export function refusalOf(api: TransactionalApi, errorCode: number): string {
  const { name, meaning } = errorFor(errorCode)
  return `${api} was answered with ${name}: ${meaning}`
}

/** A coordinator refused, for good. */
export function refusedByCoordinator(api: TransactionalApi, errorCode: number, fatal: boolean = false): KafkaError {
  if (errorCode === INVALID_PRODUCER_EPOCH || errorCode === PRODUCER_FENCED) return fenced(api)
  const { name, meaning } = errorFor(errorCode)
  const requiresAbort = !fatal && api !== 'InitProducerId'
  return new KafkaError(name, `${api} was refused: ${meaning}`, { outcome: 'never', fatal, requiresAbort })
}

/** The coordinator cannot be spoken to in any version. */
export function notSpoken(api: TransactionalApi, cause: KafkaError): KafkaError {
  return new KafkaError(cause.code, `${api}: ${cause.message}`, { outcome: 'never', fatal: true, cause })
}

function fenced(api: TransactionalApi): KafkaError {
  return new KafkaError(
    'PRODUCER_FENCED',
    `${api} was refused: another producer has taken over this transactionalId, or the coordinator ended the transaction after transactionTimeoutMs`,
    { outcome: 'never', fatal: true },
  )
}

/** The coordinator knew of no transaction that it could commit: it was aborted meanwhile. */
export function notCommitted(errorCode: number): KafkaError {
  const { name } = errorFor(errorCode)
  return new KafkaError(
    name,
    'the transaction was not committed: its coordinator had ended it already. The next one may begin',
    { outcome: 'never' },
  )
}

/** A commit, or a send, of a transaction in which something failed before. */
export function mustAbort(what: string, cause: KafkaError): KafkaError {
  return new KafkaError(cause.code, `${what}: the transaction can only be aborted, since ${cause.message}`, {
    outcome: 'never',
    requiresAbort: true,
    cause,
  })
}

/** The same error, of a record that takes its transaction with it. */
export function requiringAbort(error: KafkaError): KafkaError {
  if (error.fatal || error.requiresAbort) return error
  return altered(error, { requiresAbort: true })
}

/** A record that was not sent when its transaction was aborted. */
export function dropped(cause: KafkaError | undefined): KafkaError {
  const why = cause === undefined ? '' : `, after ${cause.message}`
  return new KafkaError('TRANSACTION_ABORTED', `the transaction was aborted before the record was sent${why}`, {
    outcome: 'never',
    requiresAbort: cause !== undefined,
    cause,
  })
}

/** The brokers are too old to give this producer another epoch, and under this one it cannot go on. */
export function notBumped(): KafkaError {
  return new KafkaError(
    'UNSUPPORTED_VERSION',
    'the next transaction needs a new epoch, which these brokers cannot give (InitProducerId 3, Kafka 2.5): close this producer and make a new one',
    { outcome: 'never', fatal: true },
  )
}

/** The same error, of a commit that may have been done all the same. */
export function withUnknownOutcome(error: KafkaError): KafkaError {
  const message = `${error.message}; the commit before it had no answer, and may be done`
  return altered(error, { message, outcome: 'unknown', requiresAbort: false })
}

/** What was written to the topic before it was made anew is gone. */
export function topicRecreated(topicName: string): KafkaError {
  return new KafkaError(
    'UNKNOWN_TOPIC_ID',
    `topic ${topicName} was deleted and made anew in the middle of the transaction`,
    { outcome: 'unknown', requiresAbort: true },
  )
}

/** A call that the state of the transaction does not allow. Nothing has changed. */
export function invalidCall(message: string): KafkaError {
  return new KafkaError('INVALID_TRANSACTION_CALL', message, { outcome: 'never' })
}

/** A call that goes on, while its caller waits no longer. */
export function callTimedOut(call: string, timeoutMs: number, lastRefusal: string | undefined): KafkaError {
  const why = lastRefusal === undefined ? '' : `. ${lastRefusal}`
  return new KafkaError(
    'TRANSACTION_TIMEOUT',
    `${call} had no answer within ${timeoutMs} ms and goes on: call it again to learn how it ends${why}`,
    { outcome: call === 'commitTransaction()' ? 'unknown' : 'never', retriable: true },
  )
}
