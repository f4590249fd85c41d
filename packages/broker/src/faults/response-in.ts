import { type Api, type ApiCodec, decodeResponseFrame, ProtocolError, type ResponseOf } from '@linger/protocol'

const SIZE_BYTES = 4

/**
 * The response in an answer's frame, with its size. Undefined when a fault has left no sense in it: then there is
 * nothing to read, and nothing more to spoil.
 */
export function responseIn<A extends Api>(codec: ApiCodec<A>, frame: Uint8Array): ResponseOf<A> | undefined {
  try {
    return decodeResponseFrame(codec, frame.subarray(SIZE_BYTES)).response
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
