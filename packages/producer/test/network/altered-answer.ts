import { type Api, codecFor, decodeResponseFrame, encodeResponseFrame, type ResponseOf } from '@linger/protocol'
import type { BrokerRequest, Fault } from '../world/broker-host.ts'

const SIZE_BYTES = 4

/** The broker works, and its answer is another one. */
export function alterAnswer<A extends Api>(
  { header }: BrokerRequest,
  api: A,
  alter: (response: ResponseOf<A>) => void,
): Fault {
  const codec = codecFor(api, header.apiVersion)
  return {
    kind: 'alter',
    alter: (frame) => {
      const { correlationId, response } = decodeResponseFrame(codec, frame.subarray(SIZE_BYTES))
      alter(response)
      return encodeResponseFrame(codec, correlationId, response)
    },
  }
}
