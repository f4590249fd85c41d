import { errorFor } from '@linger/protocol'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import { altered, harmless, KafkaError, reasonOf, type Outcome } from '../errors.ts'
import type { Connection } from '../network/connection.ts'
import type { PartitionAnswer } from '../request/produce-exchange.ts'

/** The broker refused the batch, or would not take it in time. */
export function refused(
  batch: ProducerBatch,
  { errorCode, errorMessage }: PartitionAnswer,
  { outcome, fatal }: { readonly outcome: Outcome; readonly fatal: boolean },
  ageMs: number,
): KafkaError {
  const { name, meaning, retriable } = errorFor(errorCode)
  const limits = name === 'MESSAGE_TOO_LARGE' ? sizesOf(batch) : ''
  return new KafkaError(name, `${historyOf(batch, ageMs)}: ${reasonOf(errorMessage, meaning)}${limits}`, {
    outcome,
    fatal,
    retriable,
    partition: batch.partition.index,
  })
}

/**
 * One record that the broker will not have takes its whole batch with it. The broker says which it is, and the others are
 * told that it was not they.
 *
 * @source KIP-467
 */
export function errorPerRecord(
  error: KafkaError,
  { recordErrors }: Pick<PartitionAnswer, 'recordErrors'>,
): (index: number) => KafkaError {
  if (recordErrors.length === 0) return () => error
  const messages = new Map(
    recordErrors.map(({ batchIndex, batchIndexErrorMessage }) => [batchIndex, batchIndexErrorMessage]),
  )
  const message = `${error.message}; another record of the batch was refused, and this one with it`
  const ofOthers = altered(error, { message })
  return (index) => {
    const reason = messages.get(index)
    if (reason === undefined) return ofOthers
    return altered(error, {
      message: `${error.message}; this record was refused${reason === null ? '' : `: ${harmless(reason)}`}`,
    })
  }
}

/** One attempt was refused and another follows: the reason to tell, should none succeed. */
export function attemptRefused({ errorCode, errorMessage }: PartitionAnswer): Error {
  const { name, meaning } = errorFor(errorCode)
  return new Error(`${name}: ${reasonOf(errorMessage, meaning)}`)
}

/** The batch was still without an acknowledgement at the end of `deliveryTimeoutMs`. */
export function deliveryTimeout(
  batch: ProducerBatch,
  ageMs: number,
  outcome: Outcome,
  cause: Error | undefined,
): KafkaError {
  const reason = cause === undefined ? '' : `; the last attempt: ${cause.message}`
  return new KafkaError(
    'DELIVERY_TIMEOUT',
    `${historyOf(batch, ageMs)}: no acknowledgement within deliveryTimeoutMs${reason}`,
    {
      outcome,
      retriable: true,
      partition: batch.partition.index,
      cause,
    },
  )
}

/** Why a connection was ended that a batch without an acknowledgement was sent on. */
export function endedAfterTimeout({ address: { host, port } }: Connection): KafkaError {
  return new KafkaError(
    'NETWORK_EXCEPTION',
    `${host}:${port}: the connection was ended, since a batch sent on it was not acknowledged within deliveryTimeoutMs`,
    { outcome: 'unknown', retriable: true },
  )
}

/** The connection ended under the batch and it may not be tried again. */
export function lost(batch: ProducerBatch, ageMs: number, outcome: Outcome, cause: Error): KafkaError {
  const code = cause instanceof KafkaError ? cause.code : 'NETWORK_EXCEPTION'
  return new KafkaError(code, `${historyOf(batch, ageMs)}: ${cause.message}`, {
    outcome,
    retriable: true,
    partition: batch.partition.index,
    cause,
  })
}

/** The leader is older than this client goes back. */
export function unsupported(batch: ProducerBatch): KafkaError {
  return new KafkaError(
    'UNSUPPORTED_VERSION',
    `${batch.partition.name}: its broker speaks no Produce version from 3 to 13: this client needs Kafka 2.1 or newer`,
    { outcome: batch.mayBeWritten ? 'unknown' : 'never', partition: batch.partition.index },
  )
}

/** Brokers do not say what their limit is. Splitting has ended with a batch of one record, or had to be given up. */
function sizesOf({ sizeBytes, wireBytes, recordCount, partition: { topic } }: ProducerBatch): string {
  const compressed = wireBytes === sizeBytes ? '' : ` (${sizeBytes} uncompressed)`
  return ` It was sent ${wireBytes} bytes${compressed} with ${counted(recordCount, 'record')}: make the record smaller, or raise the limit of the topic, for example with kafka-configs.sh --alter --topic ${topic.name} --add-config max.message.bytes=${2 * wireBytes}, of which the default is the brokers' message.max.bytes (1048588)`
}

function historyOf(batch: ProducerBatch, ageMs: number): string {
  const [records, attempts] = [counted(batch.recordCount, 'record'), counted(batch.attempts, 'attempt')]
  return `${batch.partition.name}: ${records}, ${attempts} in ${Math.round(ageMs)} ms`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
