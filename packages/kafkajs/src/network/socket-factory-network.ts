import type { Socket as NodeSocket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Address, Dns, Network, Socket, SocketEvents } from '@linger/producer'
import type { ISocketFactory } from './socket-factory.ts'

/** The factory is given the names that brokers go by: it resolves them, or has a proxy do so. */
export const unresolvedNames: Dns = {
  lookup: (host, onAnswer) => {
    process.nextTick(onAnswer, undefined, [host])
  },
}

/** Connections that a KafkaJS socket factory opens. */
export class SocketFactoryNetwork implements Network {
  readonly #factory: ISocketFactory
  readonly #ssl: ConnectionOptions | undefined

  constructor(factory: ISocketFactory, ssl: ConnectionOptions | undefined) {
    this.#factory = factory
    this.#ssl = ssl
  }

  connect(address: Address, events: SocketEvents): Socket {
    return new FactorySocket(address, events, this.#factory, this.#ssl)
  }
}

class FactorySocket implements Socket {
  readonly #events: SocketEvents
  #socket: NodeSocket | undefined
  #isClosed = false

  constructor(address: Address, events: SocketEvents, factory: ISocketFactory, ssl: ConnectionOptions | undefined) {
    this.#events = events
    // No event may come inside the call, and a factory may well connect in it.
    process.nextTick(() => this.#open(address, factory, ssl))
  }

  write(buffers: readonly Uint8Array[]): void {
    const socket = this.#socket
    if (socket === undefined) return
    socket.cork()
    const last = buffers.length - 1
    for (const [index, buffer] of buffers.entries()) {
      if (index === last) socket.write(buffer, this.#onWritten)
      else socket.write(buffer)
    }
    socket.uncork()
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (!error && !this.#isClosed) this.#events.onWritten()
  }

  destroy(): void {
    if (this.#socket === undefined) this.#onClosed(undefined)
    else this.#socket.destroy()
  }

  #open({ host, port }: Address, factory: ISocketFactory, ssl: ConnectionOptions | undefined): void {
    if (this.#isClosed) return
    let failure: Error | undefined
    try {
      // A factory gets no options where there is no TLS, whatever its type says: KafkaJS's own tells them apart so.
      this.#socket = factory({ host, port, ssl: ssl as ConnectionOptions, onConnect: () => this.#events.onConnected() })
    } catch (error) {
      this.#onClosed(error instanceof Error ? error : new Error(String(error)))
      return
    }
    const socket = this.#socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#events.onData(chunk))
    socket.on('error', (error: Error) => (failure ??= error))
    socket.once('timeout', () => socket.destroy(new Error('Connection timeout')))
    socket.once('end', () => socket.destroy())
    socket.once('close', () => this.#onClosed(failure))
  }

  #onClosed(error: Error | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    process.nextTick(() => this.#events.onClosed(error))
  }
}
