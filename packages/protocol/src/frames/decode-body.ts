import type { ApiCodec } from '../schema/codec.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { Reader } from '../wire/reader.ts'

/**
 * Decodes the rest of a frame, and says in an error whose body it was.
 *
 * Bytes left over in a response mean that the two ends read the same version differently, so that no value of it can
 * be trusted. In a request Kafka's broker passes over them, and must: librdkafka 2.15 sends Metadata 13 with three.
 */
export function decodeBody<T>(
  codec: ApiCodec,
  direction: 'request' | 'response',
  reader: Reader,
  decode: (reader: Reader) => T,
): T {
  try {
    const body = decode(reader)
    if (direction === 'response' && reader.remaining > 0)
      throw new ProtocolError('TRAILING_BYTES', `${reader.remaining} bytes are left over`)
    return body
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new ProtocolError(cause.code, `${codec.api.name} ${direction} version ${codec.version}: ${cause.message}`, {
      cause,
    })
  }
}
