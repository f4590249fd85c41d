import { invalidArgument, KafkaError } from '../errors.ts'
import { ownRecord } from './own-record.ts'
import { fieldsOf, type GivenRecord, type Payload } from './producer-record.ts'
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
    checkRecord(record)
    if (typeof (record.topic as unknown) !== 'string') checkTopic(record.topic)
    const { topic } = record
    const key = this.bytesOf('key', record.key, topic)
    const value = this.#valueBeside(key, record)
    if (!isLater(key) && !isLater(value)) return { ...fieldsOf(record), key, value }
    // What waits for the other field has bytes of its own.
    const own = ownRecord({ ...fieldsOf(record), key, value })
    return Promise.all([told('key', own.key, topic), told('value', own.value, topic)]).then(
      ([keyBytes, valueBytes]) => ({ ...own, key: keyBytes, value: valueBytes }),
    )
  }

  /** Nobody waits for the key of a record whose value cannot be written: what becomes of it is no rejection of anybody's. */
  #valueBeside(key: unknown, { value, topic }: GivenRecord): unknown {
    try {
      return this.bytesOf('value', value, topic)
    } catch (error) {
      if (isLater(key)) key.then(undefined, () => {})
      throw error
    }
  }

  /**
   * What the serializer of keys or of values makes of one, or a promise of it.
   *
   * @throws KafkaError INVALID_ARGUMENT when it throws; its promise rejects with its own error
   */
  bytesOf(what: 'key' | 'value', data: unknown, topic: string): unknown {
    const serializer = what === 'key' ? this.#serializers.keySerializer : this.#serializers.valueSerializer
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

export function isLater(bytes: unknown): bytes is PromiseLike<Payload> {
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
