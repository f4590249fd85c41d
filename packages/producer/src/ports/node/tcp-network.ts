import type { Socket as NodeSocket } from 'node:net'
import type { Address, Network, Socket, SocketEvents } from '../network.ts'
import type { Tls } from '../tls.ts'
import { TlsSocket } from './tls-socket.ts'
import { writeTo } from './write-to.ts'

/** Answers to a producer are small; one buffer per connection receives them all. */
const RECEIVE_BUFFER_BYTES = 64 * 1024

const KEEP_ALIVE_DELAY_MS = 60_000

/** TCP by node:net, and TLS by node:tls. */
export class TcpNetwork implements Network {
  connect(address: Address, events: SocketEvents, tls?: Tls): Socket {
    return tls === undefined ? new TcpSocket(address, events) : new TlsSocket(address, events, tls)
  }
}

class TcpSocket implements Socket {
  readonly #socket: NodeSocket
  readonly #onWritten: (error?: Error | null) => void

  constructor(address: Address, events: SocketEvents) {
    let failure: Error | undefined
    this.#onWritten = (error) => {
      if (error === undefined || error === null) events.onWritten()
    }
    this.#socket = open(address, events)
    this.#socket.once('connect', () => events.onConnected())
    this.#socket.once('end', () => this.#socket.destroy())
    this.#socket.on('error', (error) => (failure ??= error))
    this.#socket.once('close', () => events.onClosed(failure))
  }

  write(buffers: readonly Uint8Array[]): void {
    writeTo(this.#socket, buffers, this.#onWritten)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/**
 * Starts connecting. The host is an address, so that Node has no names to resolve and no addresses to race: its race
 * gives each 250 ms, and one that is farther away is never reached.
 */
function open({ host, port }: Address, events: SocketEvents): NodeSocket {
  // Loaded only here, with the streams that it is made of: most of what Node would load when this package is imported.
  const { Socket } = process.getBuiltinModule('node:net')
  const socket = new Socket({
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
    onread: {
      buffer: Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES),
      callback: (sizeBytes, buffer) => {
        events.onData(Buffer.from(buffer.buffer, buffer.byteOffset, sizeBytes))
        return true
      },
    },
  })
  try {
    socket.connect({ host, port, autoSelectFamily: false })
  } catch (error) {
    socket.destroy(error instanceof Error ? error : new Error(String(error))) // metadata named an impossible port
  }
  return socket
}
