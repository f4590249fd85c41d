import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Address } from '../../../src/ports/network.ts'

/** A server on a free port of this machine. */
export interface LoopbackServer {
  readonly server: Server
  readonly address: Address
}

export async function listenOnLoopback(onPeer: (peer: Socket) => void): Promise<LoopbackServer> {
  const server = createServer(onPeer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port')
  return { server, address: { host: '127.0.0.1', port: bound.port } }
}

/** One turn of the event loop. */
export function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
