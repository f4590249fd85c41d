import type { Network } from '@linger/producer'

export interface SentRequest {
  readonly apiKey: number
  readonly apiVersion: number
}

/** The same network, which tells of every request that leaves through it. */
export function watchedNetwork(network: Network, onRequest: (request: SentRequest) => void): Network {
  return {
    connect: (address, events) => {
      const socket = network.connect(address, events)
      return {
        write: (buffers) => {
          const [request = new Uint8Array()] = buffers // int32 size, int16 API key, int16 version
          const header = new DataView(request.buffer, request.byteOffset, request.byteLength)
          onRequest({ apiKey: header.getInt16(4), apiVersion: header.getInt16(6) })
          socket.write(buffers)
        },
        destroy: () => socket.destroy(),
      }
    },
  }
}
