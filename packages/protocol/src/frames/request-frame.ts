import { apiForKey } from '../apis/apis.ts'
import { type ApiCodec, isFlexible } from '../schema/codec.ts'
import type { Api, RequestInput, RequestOf } from '../schema/schema.ts'
import { includesVersion } from '../schema/version-range.ts'
import { Reader } from '../wire/reader.ts'
import { Writer } from '../wire/writer.ts'
import { decodeBody } from './decode-body.ts'
import { skipTaggedFields } from './tagged-fields.ts'

export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  /** Where the body starts in the frame. */
  readonly bodyOffset: number
}

/**
 * A request as it goes to the socket: size, header and body.
 *
 * @source Kafka common/message/RequestHeader.json
 */
export function encodeRequestFrame<A extends Api>(
  codec: ApiCodec<A>,
  correlationId: number,
  clientId: string | null,
  input: RequestInput<A>,
): Uint8Array {
  const writer = new Writer()
  writer.int32(0) // the size, known at the end
  encodeRequestHeader(writer, codec, correlationId, clientId)
  codec.encodeRequest(writer, input)
  writer.patchInt32(0, writer.length - 4)
  return writer.finish()
}

/** The client id keeps its old two-byte size in flexible versions: a broker must read it before it knows better. */
export function encodeRequestHeader(
  writer: Writer,
  codec: ApiCodec,
  correlationId: number,
  clientId: string | null,
): void {
  writer.int16(codec.api.apiKey)
  writer.int16(codec.version)
  writer.int32(correlationId)
  writer.nullableString(clientId)
  if (codec.requestHeaderVersion === 2) writer.uvarint(0)
}

/**
 * Reads the header of a request.
 *
 * An API or version that is not known here still gives its key, version and correlation id, which is all that is needed
 * to refuse it; its body offset then means nothing.
 *
 * @param frame without its size
 */
export function decodeRequestHeader(frame: Uint8Array): RequestHeader {
  const reader = new Reader(frame)
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const clientId = reader.nullableString()
  const api = apiForKey(apiKey)
  if (api !== undefined && includesVersion(api.versions, apiVersion) && isFlexible(api, apiVersion)) {
    skipTaggedFields(reader)
  }
  return { apiKey, apiVersion, correlationId, clientId, bodyOffset: reader.position }
}

/** @param frame without its size */
export function decodeRequest<A extends Api>(codec: ApiCodec<A>, frame: Uint8Array, bodyOffset: number): RequestOf<A> {
  return decodeBody(codec, 'request', new Reader(frame, bodyOffset), (body) => codec.decodeRequest(body))
}
