import type { Tls } from './tls.ts'

/** Sockets for the engine. */
export interface Network {
  /**
   * Starts connecting. Every event comes later, never inside this call.
   *
   * @param tls encrypts it: `onConnected` comes once the server's certificate was found to be right. Without it: plain TCP
   */
  connect(address: Address, events: SocketEvents, tls?: Tls): Socket
}

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Socket {
  /**
   * Hands bytes over. They belong to the socket until `onWritten` of this write ran or `onClosed` did.
   * One write is under way at a time.
   */
  write(buffers: readonly Uint8Array[]): void
  /** Ends the connection at once. `onClosed` follows. */
  destroy(): void
}

export interface SocketEvents {
  onConnected(): void
  /** `chunk` is only valid during the call. */
  onData(chunk: Buffer): void
  /** The last write left the process. */
  onWritten(): void
  /** Exactly once, and nothing after it. `error` is undefined when the peer or we ended the connection. */
  onClosed(error: Error | undefined): void
}
