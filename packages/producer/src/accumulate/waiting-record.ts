import type { RecordBytes, RecordHeaders } from '@linger/protocol'
import type { WrittenBatch } from '../batch/batch-builder.ts'
import type { DeliveryListener, DeliveryResolve } from '../batch/deliveries.ts'
import type { Fifo } from './fifo.ts'
import type { RecordGroup } from './record-group.ts'
import type { RecordPlace } from './record-place.ts'
import type { Topic } from './topic.ts'

/** A record that cannot go into a batch yet: its topic is unknown, or memory is full. Or a whole batch of the caller's. */
export interface WaitingRecord {
  readonly topic: Topic
  /** Undefined: the partitioner chooses. */
  readonly partition: number | undefined
  /** Its bytes are the record's own: the caller may have changed his since. */
  readonly key: Uint8Array | null
  readonly value: RecordBytes
  readonly headers: RecordHeaders
  readonly timestamp: number
  /** A batch of the caller's that waits in the place of a record. */
  readonly written: WrittenBatch | undefined
  /** 1, or those of the batch. */
  readonly recordCount: number
  readonly listener: DeliveryListener | undefined
  readonly resolve: DeliveryResolve | undefined
  /** Of a batch of its own, or what the caller's batch takes of memory. */
  readonly sizeBytes: number
  /** It fails if it still waits then: the call plus `maxBlockMs`. */
  readonly deadlineMs: number
  /** What a flush counts it under as long as it waits. */
  readonly group: RecordGroup
  /** What it holds of `bufferMemory`: nothing while it waits for memory, room for a batch of its own after. */
  reservedBytes: number
  /** It failed, and is passed over when its turn comes. */
  isSettled: boolean
  /** Where it went when its turn came. */
  place: RecordPlace | undefined
}

/** Nobody waits behind a record that was taken back. */
export function dropSettled(waiting: Fifo<WaitingRecord>): void {
  while (waiting.peek()?.isSettled === true) waiting.shift()
}

/** With bytes of its own: the caller may change his while it waits. */
export function withOwnBytes<T extends Pick<WaitingRecord, 'key' | 'value' | 'headers'>>(record: T): T {
  const { key, value, headers } = record
  const ownHeaders = headers.map(([name, bytes]) => [name, ownBytes(bytes)] as const)
  return { ...record, key: ownBytes(key), value: ownBytes(value), headers: ownHeaders }
}

/** The caller may change his bytes after the call; a string cannot change. */
export function ownBytes<T extends RecordBytes>(bytes: T): T {
  return (bytes instanceof Uint8Array ? Uint8Array.from(bytes) : bytes) as T
}
