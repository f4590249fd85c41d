import { connect, type Socket as NodeSocket } from 'node:net'
import type { Address, Network, Socket, SocketEvents } from '../network.ts'

/** Answers to a producer are small; one buffer per connection receives them all. */
const RECEIVE_BUFFER_BYTES = 64 * 1024

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

  constructor({ host, port }: Address, events: SocketEvents) {
    let failure: Error | undefined
    this.#onWritten = (error) => {
      if (error === undefined || error === null) events.onWritten()
    }
    this.#socket = connect({
      host,
      port,
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
    this.#socket.once('connect', () => events.onConnected())
    this.#socket.once('end', () => this.#socket.destroy())
    this.#socket.on('error', (error) => (failure ??= error))
    this.#socket.once('close', () => events.onClosed(failure))
  }

  write(buffers: readonly Uint8Array[]): void {
    const socket = this.#socket
    const last = buffers.length - 1
    if (last > 0) {
      socket.cork() // one writev for all of them
      for (let i = 0; i < last; i++) socket.write(buffers[i] as Uint8Array)
    }
    socket.write(buffers[last] as Uint8Array, this.#onWritten)
    if (last > 0) socket.uncork()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
