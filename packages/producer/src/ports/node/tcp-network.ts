import { Socket as NodeSocket } from 'node:net'
import type { Address, Network, Socket, SocketEvents } from '../network.ts'

/** Answers to a producer are small; one buffer per connection receives them all. */
const RECEIVE_BUFFER_BYTES = 64 * 1024

const JOINED_BYTES_MAX = 4096

/** Carries the callback of a write of several buffers. */
const NOTHING = Buffer.alloc(0)

const KEEP_ALIVE_DELAY_MS = 60_000

/** TCP by node:net. */
export class TcpNetwork implements Network {
  connect(address: Address, events: SocketEvents): Socket {
    return new TcpSocket(address, events)
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
    const socket = this.#socket
    if (isSmall(buffers)) {
      socket.write(Buffer.concat(buffers), this.#onWritten)
      return
    }
    socket.cork() // one writev for all of them
    for (const buffer of buffers) socket.write(buffer)
    socket.write(NOTHING, this.#onWritten)
    socket.uncork()
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
  const socket = new NodeSocket({
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

/** Copying this little into one buffer costs less than handing over a list. */
function isSmall(buffers: readonly Uint8Array[]): boolean {
  let sizeBytes = 0
  for (const { length } of buffers) {
    sizeBytes += length
    if (sizeBytes > JOINED_BYTES_MAX) return false
  }
  return true
}
