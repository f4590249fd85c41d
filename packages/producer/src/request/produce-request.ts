import { codecFor, encodeRequestHeader, produce, Writer } from '@linger/protocol'

/** One batch in a request. */
export interface ProducePartition {
  readonly index: number
  /** The sealed batch, in pieces, as it goes on the wire. */
  readonly records: readonly Uint8Array[]
}

export interface ProduceTopic {
  readonly name: string
  /** 22 letters; needed from version 13 on. */
  readonly id: string | undefined
  readonly partitions: readonly ProducePartition[]
}

export interface ProduceRequestFields {
  readonly correlationId: number
  readonly clientId: string
  readonly transactionalId: string | null
  readonly acks: number
  readonly timeoutMs: number
  readonly topics: readonly ProduceTopic[]
}

/** From this version on requests and answers name topics by id (KIP-516). */
export const TOPIC_ID_VERSION = 13
const FLEXIBLE_VERSION = 9

/**
 * Encodes a Produce request around its batches without copying them: the answer is the request's frame in
 * pieces, the batches' own among them.
 *
 * The only message with an encoder of its own; a test holds it equal to the schema's.
 *
 * @param version 3 to 13; from 13 on every topic has its id
 */
export function encodeProduceRequest(version: number, fields: ProduceRequestFields): Uint8Array[] {
  const isFlexible = version >= FLEXIBLE_VERSION
  const writer = new Writer()
  /** Where each batch stands among the other bytes. */
  const splices: { readonly at: number; readonly records: readonly Uint8Array[] }[] = []
  let recordsBytes = 0

  const count = (value: number): void => (isFlexible ? writer.uvarint(value + 1) : writer.int32(value))
  const endOfStruct = (): void => {
    if (isFlexible) writer.uvarint(0) // no tagged fields
  }

  writer.int32(0) // the size, known at the end
  encodeRequestHeader(writer, codecFor(produce, version), fields.correlationId, fields.clientId)
  if (isFlexible) writer.compactNullableString(fields.transactionalId)
  else writer.nullableString(fields.transactionalId)
  writer.int16(fields.acks)
  writer.int32(fields.timeoutMs)
  count(fields.topics.length)
  for (const { name, id, partitions } of fields.topics) {
    if (version >= TOPIC_ID_VERSION) writer.uuid(id ?? '')
    else if (isFlexible) writer.compactString(name)
    else writer.string(name)
    count(partitions.length)
    for (const { index, records } of partitions) {
      writer.int32(index)
      const sizeBytes = records.reduce((sum, { length }) => sum + length, 0)
      count(sizeBytes)
      splices.push({ at: writer.length, records })
      recordsBytes += sizeBytes
      endOfStruct()
    }
    endOfStruct()
  }
  endOfStruct()
  writer.patchInt32(0, writer.length - 4 + recordsBytes)
  return spliced(writer.finish(), splices)
}

function spliced(
  bytes: Uint8Array,
  splices: readonly { readonly at: number; readonly records: readonly Uint8Array[] }[],
): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let from = 0
  for (const { at, records } of splices) {
    pieces.push(bytes.subarray(from, at), ...records)
    from = at
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from))
  return pieces
}
