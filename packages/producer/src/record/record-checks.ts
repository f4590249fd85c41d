import { NO_HEADERS, type RecordBytes, type RecordHeaders } from '@linger/protocol'
import { invalidArgument, type KafkaError } from '../errors.ts'
import type { GivenRecord, Headers, Payload } from './producer-record.ts'

// What every record passes is short, and its errors are made elsewhere: V8 makes one function of the whole way in as
// long as that is not too long.

/** Kafka's limit on a topic's name. */
const TOPIC_LENGTH_MAX = 249

export function checkRecord(record: unknown): asserts record is GivenRecord {
  if (typeof record !== 'object' || record === null) throw noRecord(record)
}

function noRecord(given: unknown): KafkaError {
  const hint = typeof given === 'string' ? '; after a topic comes the value, null for a tombstone' : ''
  return invalidArgument(`a record must be an object, not ${describe(given)}${hint}`)
}

/** What a broker would refuse in a name is refused here, with a better message. @source Kafka Topic.validate */
export function checkTopic(topic: unknown): asserts topic is string {
  if (typeof topic !== 'string' || topic === '')
    throw invalidArgument(`a record needs a topic, a string that is not empty, not ${describe(topic)}`)
  if (topic.length > TOPIC_LENGTH_MAX || !/^[a-zA-Z0-9._-]+$/.test(topic) || topic === '.' || topic === '..') {
    throw invalidArgument(
      `${JSON.stringify(topic.slice(0, TOPIC_LENGTH_MAX))} is not a topic name: letters, digits, '.', '_' and '-', at most ${TOPIC_LENGTH_MAX}`,
    )
  }
}

/** @returns bytes or a string that is written as UTF-8 */
export function payloadOf(payload: unknown, topic: string, what: string): RecordBytes {
  if (payload instanceof Uint8Array || typeof payload === 'string') return payload
  if (payload === null || payload === undefined) return null
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload)
  throw invalidArgument(
    `${topic}: a ${what} must be a string, Uint8Array, Buffer, ArrayBuffer, null or undefined, not ${describe(payload)}`,
  )
}

/** A key as bytes: the partition is a function of them. */
export function keyOf(key: unknown, topic: string): Uint8Array | null {
  const bytes = payloadOf(key, topic, 'key')
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes
}

export function headersOf(headers: Headers | undefined, topic: string): RecordHeaders {
  if (headers === undefined) return NO_HEADERS
  const isObject = typeof (headers as unknown) === 'object' && (headers as unknown) !== null
  if (!isObject || (Symbol.iterator in headers && !Array.isArray(headers))) {
    throw invalidArgument(`${topic}: headers must be an object or a list of pairs, not ${describe(headers)}`)
  }
  const pairs = (Array.isArray(headers) ? headers : Object.entries(headers)) as readonly (readonly [string, Payload])[]
  return pairs.map((pair) => {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string')
      throw invalidArgument(
        `${topic}: a header must be a [name, value] pair with a string as name, not ${describe(pair)}`,
      )
    return [pair[0], payloadOf(pair[1], topic, `header (${pair[0]})`)] as const
  })
}

export function checkPartition(partition: unknown, topic: string): asserts partition is number {
  if (!Number.isSafeInteger(partition) || (partition as number) < 0) throw noPartition(partition, topic)
}

function noPartition(given: unknown, topic: string): KafkaError {
  return invalidArgument(`${topic}: a partition must be an integer from 0, not ${describe(given)}`)
}

export function timestampOf(timestamp: unknown, topic: string): number {
  if (typeof timestamp === 'number' && Number.isSafeInteger(timestamp) && timestamp >= 0) return timestamp
  throw invalidArgument(
    `${topic}: a timestamp must be milliseconds since 1970, an integer from 0, not ${describe(timestamp)}`,
  )
}

/** For an error: what was given in the place of what is wanted. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return `the ${typeof value} ${value}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
