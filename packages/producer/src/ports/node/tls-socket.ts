import type { ConnectionOptions, TLSSocket as NodeTlsSocket } from 'node:tls'
import type { Address, Socket, SocketEvents } from '../network.ts'
import type { Tls } from '../tls.ts'
import { tlsConnectOptions } from './tls-connect-options.ts'
import { writeTo } from './write-to.ts'

const RECEIVE_BUFFER_BYTES = 64 * 1024

const KEEP_ALIVE_DELAY_MS = 60_000

/** ASKING: for the options. */
type State =
  | { readonly name: 'ASKING' }
  | { readonly name: 'OPEN'; readonly socket: NodeTlsSocket }
  | { readonly name: 'CLOSED' }

/** TLS by node:tls. */
export class TlsSocket implements Socket {
  readonly #events: SocketEvents
  readonly #onWritten: (error?: Error | null) => void
  #state: State = { name: 'ASKING' }

  constructor(address: Address, events: SocketEvents, tls: Tls) {
    this.#events = events
    this.#onWritten = (error) => {
      if (error === undefined || error === null) events.onWritten()
    }
    tlsConnectOptions(tls).then(
      (options) => this.#open(address, options),
      (error: unknown) => this.#onClosed(asError(error)),
    )
  }

  write(buffers: readonly Uint8Array[]): void {
    if (this.#state.name === 'OPEN') writeTo(this.#state.socket, buffers, this.#onWritten)
  }

  destroy(): void {
    if (this.#state.name === 'OPEN') {
      this.#state.socket.destroy()
    } else if (this.#state.name === 'ASKING') {
      this.#state = { name: 'CLOSED' } // before the options are there: they open nothing any more
      process.nextTick(() => this.#events.onClosed(undefined))
    }
  }

  #open(address: Address, options: ConnectionOptions): void {
    if (this.#state.name !== 'ASKING') return
    let socket: NodeTlsSocket
    try {
      socket = this.#connect(address, options)
    } catch (error) {
      this.#onClosed(asError(error)) // metadata named an impossible port
      return
    }
    this.#state = { name: 'OPEN', socket }
    let failure: Error | undefined
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
    socket.once('secureConnect', () => this.#events.onConnected())
    socket.once('end', () => socket.destroy())
    socket.on('error', (error: Error) => (failure ??= error))
    socket.once('close', () => this.#onClosed(failure))
  }

  #connect({ host, port }: Address, options: ConnectionOptions): NodeTlsSocket {
    const onread = {
      buffer: Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES),
      callback: (sizeBytes: number, buffer: Uint8Array) => {
        this.#events.onData(Buffer.from(buffer.buffer, buffer.byteOffset, sizeBytes))
        return true
      },
    }
    // Loaded only here: who encrypts nothing need not wait for it when this package is imported.
    const { connect } = process.getBuiltinModule('node:tls')
    return connect({ ...options, host, port, onread, autoSelectFamily: false } as ConnectionOptions)
  }

  #onClosed(error: Error | undefined): void {
    if (this.#state.name === 'CLOSED') return
    this.#state = { name: 'CLOSED' }
    this.#events.onClosed(error)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
