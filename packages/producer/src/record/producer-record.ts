import type { SendOptions } from './send-options.ts'

/** What a key, a value or a header may be without a serializer. Strings are written as UTF-8. */
export type Payload = string | Uint8Array | ArrayBuffer | null | undefined

/** Headers by name, or as pairs where names repeat or their order matters. */
export type Headers = Readonly<Record<string, Payload>> | readonly (readonly [name: string, value: Payload])[]

/** What a record has beside its topic and value. */
export interface RecordFields<Key = Payload> {
  /** Records with the same key go to the same partition. */
  readonly key?: Key | null | undefined
  readonly headers?: Headers | undefined
  /** Default: the partitioner chooses. */
  readonly partition?: number | undefined
  /** Milliseconds since 1970. Default: now. */
  readonly timestamp?: number | undefined
  /**
   * Milliseconds from 1 within which it must be handed to a broker, from the call, or from when an asynchronous
   * serializer has answered: else it fails with EXPIRED and 'never', and its memory is free. What a broker has is not
   * affected: how long a topic keeps records is its `retention.ms`.
   */
  readonly ttlMs?: number | undefined
  /**
   * Milliseconds that it is held back, in this process' memory and counted in `bufferMemory`: it is lost with the process.
   * See {@link Producer.flush} and {@link Producer.close} for what becomes of it there.
   */
  readonly delayMs?: number | undefined
  /** The same until a time, in milliseconds since 1970. */
  readonly deliverAt?: number | undefined
}

/** A record for a topic that is named elsewhere. */
export interface TopicRecord<Key = Payload, Value = Payload> extends RecordFields<Key> {
  /** null or undefined writes a tombstone: in a compacted topic it deletes the key. */
  readonly value?: Value | null | undefined
}

/** A record to send. */
export interface ProducerRecord<Key = Payload, Value = Payload> extends TopicRecord<Key, Value> {
  readonly topic: string
}

/** A record as it was handed in: neither checked nor serialized. */
export type GivenRecord = ProducerRecord<unknown, unknown>

/** What `send(topic, value, ...)` takes beside topic and value. */
export interface SendFields<Key = Payload> extends RecordFields<Key>, SendOptions {}

/** A topic and the rest, as one record. */
export function recordFor(topic: string, value: unknown, fields: RecordFields<unknown> | undefined): GivenRecord {
  if (fields === undefined) return { topic, value }
  const { key, headers, partition, timestamp } = fields
  const record = { topic, value, key, headers, partition, timestamp }
  return isTimed(fields) ? { ...record, ...timingIn(fields) } : record
}

/** What is left of a record once its timing is known. */
export function untimed({ topic, value, key, headers, partition, timestamp }: GivenRecord): GivenRecord {
  return { topic, value, key, headers, partition, timestamp }
}

/** What is none is refused where all are checked. */
export function isObject(record: unknown): record is object {
  return typeof record === 'object' && record !== null
}

/** A record as an object of its own, whatever the one given is: fields may be getters of a class, which no spread copies. */
export function fieldsOf(record: GivenRecord): GivenRecord {
  return recordFor(record.topic, record.value, record)
}

/** It expires, or is held back. Few records do. */
export function isTimed({ ttlMs, delayMs, deliverAt }: RecordFields<unknown>): boolean {
  return ttlMs !== undefined || delayMs !== undefined || deliverAt !== undefined
}

function timingIn({
  ttlMs,
  delayMs,
  deliverAt,
}: RecordFields<unknown>): Pick<RecordFields, 'ttlMs' | 'delayMs' | 'deliverAt'> {
  return { ttlMs, delayMs, deliverAt }
}
