import { invalidArgument, KafkaError } from '../errors.ts'
import { type GivenRecord, isTimed, type Payload, timingIn } from './producer-record.ts'
import { checkRecord, checkTopic } from './record-checks.ts'
import type { Serializer } from './serializer.ts'

export interface Serializers {
  readonly keySerializer: Serializer<unknown> | undefined
  readonly valueSerializer: Serializer<unknown> | undefined
}

/** Makes bytes of the keys and values of records. */
export class Serialization {
  readonly #serializers: Serializers

  constructor(serializers: Serializers) {
    this.#serializers = serializers
  }

  /**
   * The record with bytes in it, or a promise of that where a serializer gives one.
   *
   * @throws KafkaError INVALID_ARGUMENT when a serializer throws; the promise rejects with the same
   */
  serialize(record: GivenRecord): GivenRecord | Promise<GivenRecord> {
    const { keySerializer, valueSerializer } = this.#serializers
    checkRecord(record)
    const { topic, headers, partition, timestamp } = record
    if (typeof (topic as unknown) !== 'string') checkTopic(topic)
    const key = this.#apply('key', keySerializer, record.key, topic)
    const value = this.#apply('value', valueSerializer, record.value, topic)
    const plain = { topic, headers, partition, timestamp }
    const rest = isTimed(record) ? { ...plain, ...timingIn(record) } : plain
    if (!isLater(key) && !isLater(value)) return { ...rest, key, value }
    return Promise.all([told('key', key, topic), told('value', value, topic)]).then(([keyBytes, valueBytes]) => ({
      ...rest,
      key: keyBytes,
      value: valueBytes,
    }))
  }

  #apply(what: string, serializer: Serializer<unknown> | undefined, data: unknown, topic: string): unknown {
    if (serializer === undefined || data === null || data === undefined) return data
    try {
      return serializer(data, topic)
    } catch (error) {
      throw serializerFailed(what, topic, error)
    }
  }
}

/** Undefined when keys and values are bytes or text. */
export function serializationFor({ keySerializer, valueSerializer }: Serializers): Serialization | undefined {
  if (keySerializer === undefined && valueSerializer === undefined) return undefined
  return new Serialization({ keySerializer, valueSerializer })
}

function isLater(bytes: unknown): bytes is PromiseLike<Payload> {
  return typeof bytes === 'object' && bytes !== null && 'then' in bytes
}

async function told(what: string, bytes: unknown, topic: string): Promise<unknown> {
  try {
    return await bytes
  } catch (error) {
    throw serializerFailed(what, topic, error)
  }
}

/** What throws a KafkaError knows better than we what is wrong: a schema that does not fit, say. */
function serializerFailed(what: string, topic: string, error: unknown): KafkaError {
  if (error instanceof KafkaError) return error
  return invalidArgument(
    `${topic}: the ${what}Serializer cannot write this ${what}: ${String(error)}. The record was not sent: change the ${what}, or the serializer`,
    error,
  )
}
