import type { ConnectionOptions, PeerCertificate, TLSSocket as NodeTlsSocket } from 'node:tls'
import type { Address, Socket, SocketEvents } from '../network.ts'
import { tlsOptionKeys, type Tls, type TlsOptions } from '../tls.ts'
import { writeTo } from './write-to.ts'

const RECEIVE_BUFFER_BYTES = 64 * 1024

const KEEP_ALIVE_DELAY_MS = 60_000

/** TLS by node:tls. */
export class TlsSocket implements Socket {
  readonly #events: SocketEvents
  readonly #onWritten: (error?: Error | null) => void
  /** Undefined until the options are there. */
  #socket: NodeTlsSocket | undefined
  #isClosed = false

  constructor(address: Address, events: SocketEvents, tls: Tls) {
    this.#events = events
    this.#onWritten = (error) => {
      if (error === undefined || error === null) events.onWritten()
    }
    optionsOf(tls).then(
      (options) => this.#open(address, options),
      (error: unknown) => this.#onClosed(asError(error)),
    )
  }

  write(buffers: readonly Uint8Array[]): void {
    if (this.#socket !== undefined) writeTo(this.#socket, buffers, this.#onWritten)
  }

  destroy(): void {
    if (this.#socket === undefined) process.nextTick(() => this.#onClosed(undefined))
    else this.#socket.destroy()
  }

  #open({ host, port }: Address, options: ConnectionOptions): void {
    if (this.#isClosed) return
    let failure: Error | undefined
    const events = this.#events
    try {
      const onread = {
        buffer: Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES),
        callback: (sizeBytes: number, buffer: Uint8Array) => {
          events.onData(Buffer.from(buffer.buffer, buffer.byteOffset, sizeBytes))
          return true
        },
      }
      // Loaded only here: who encrypts nothing need not wait for it when this package is imported.
      const { connect } = process.getBuiltinModule('node:tls')
      this.#socket = connect({ ...options, host, port, onread, autoSelectFamily: false } as ConnectionOptions)
    } catch (error) {
      this.#onClosed(asError(error)) // a key that is none, or an impossible port
      return
    }
    this.#socket.setNoDelay(true)
    this.#socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
    this.#socket.once('secureConnect', () => events.onConnected())
    this.#socket.once('end', () => this.#socket?.destroy())
    this.#socket.on('error', (error: Error) => (failure ??= error))
    this.#socket.once('close', () => this.#onClosed(failure))
  }

  #onClosed(error: Error | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#events.onClosed(error)
  }
}

async function optionsOf({ host, options }: Tls): Promise<ConnectionOptions> {
  const given = await options()
  // What stands on a prototype is nothing that was asked for.
  const known: TlsOptions = Object.fromEntries(
    tlsOptionKeys
      .filter((key) => Object.hasOwn(given, key) && given[key] !== undefined)
      .map((key) => [key, given[key]]),
  )
  const isUnchecked = Object.hasOwn(known, 'rejectUnauthorized') && known.rejectUnauthorized === false
  return {
    ...(known as ConnectionOptions),
    // Named, or another default of this process (NODE_TLS_REJECT_UNAUTHORIZED, --tls-min-v1.0) would hold.
    rejectUnauthorized: !isUnchecked,
    minVersion: Object.hasOwn(known, 'minVersion') ? (known.minVersion ?? 'TLSv1.2') : 'TLSv1.2',
    servername: serverNameOf(host),
    checkServerIdentity: (name, certificate) => identityError(known, name, certificate),
  }
}

/** Empty for an address: there is no name to ask for, and the certificate must be for the address (RFC 6066). */
function serverNameOf(host: string): string {
  return process.getBuiltinModule('node:net').isIP(host) === 0 ? host.replace(/\.$/, '') : ''
}

function identityError(options: TlsOptions, host: string, certificate: PeerCertificate): Error | undefined {
  const { checkServerIdentity } = process.getBuiltinModule('node:tls')
  return checkServerIdentity(host, certificate) ?? options.checkServerIdentity?.(host, certificate)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
