import type { ApiCodec } from '../schema/codec.ts'
import type { Api, ResponseInput, ResponseOf } from '../schema/schema.ts'
import { Reader } from '../wire/reader.ts'
import { Writer } from '../wire/writer.ts'
import { decodeBody } from './decode-body.ts'
import { skipTaggedFields } from './tagged-fields.ts'

/**
 * A response as it goes to the socket: size, header and body.
 *
 * @source Kafka common/message/ResponseHeader.json
 */
export function encodeResponseFrame<A extends Api>(
  codec: ApiCodec<A>,
  correlationId: number,
  input: ResponseInput<A>,
): Uint8Array {
  const writer = new Writer()
  writer.int32(0) // the size, known at the end
  writer.int32(correlationId)
  if (codec.responseHeaderVersion === 1) writer.uvarint(0)
  codec.encodeResponse(writer, input)
  writer.patchInt32(0, writer.length - 4)
  return writer.finish()
}

/** @param frame without its size */
export function decodeResponseFrame<A extends Api>(
  codec: ApiCodec<A>,
  frame: Uint8Array,
): { correlationId: number; response: ResponseOf<A> } {
  const reader = new Reader(frame)
  const correlationId = reader.int32()
  if (codec.responseHeaderVersion === 1) skipTaggedFields(reader)
  return { correlationId, response: decodeBody(codec, 'response', reader, (body) => codec.decodeResponse(body)) }
}

/** The correlation id says which request a response answers, and with that how to read the rest of it. */
export function correlationIdOf(frame: Uint8Array): number {
  return new Reader(frame).int32()
}
