import type { Address, Network, Socket, SocketEvents, Tls } from '../../src/index.ts'
import type { Timeline } from './timeline.ts'

/** The far end of a connection, as whoever listens sees it. */
export interface Peer {
  /** Ordinal of the connection in this world, from 1. */
  readonly connectionId: number
  send(bytes: Uint8Array): void
  /** Ends the connection. What was sent before still arrives; with an error it does not. */
  close(error?: Error): void
}

export interface PeerEvents {
  onData(chunk: Buffer): void
  onClosed(): void
}

/** Accepts a connection. */
export type Listener = (peer: Peer) => PeerEvents

/** How long things take. `Infinity` is never. Read when each thing begins, so a test may change it at any time. */
export interface NetworkTiming {
  connectMs: number
  /** One way. */
  latencyMs: number
  /** From a write until its bytes are read out of the buffers: a socket that is full keeps them. */
  leaveMs: number
  /** From then until the producer hears that they were. */
  writtenMs: number
  /** From the end of a connection until the producer hears of it. */
  closedMs: number
}

/** Sees the producer's side of every connection. */
export interface NetworkObserver {
  onWrite(connectionId: number, address: Address, bytes: Buffer): void
  onReceived(connectionId: number, chunk: Buffer): void
  onClosed(connectionId: number): void
}

/** TCP without sockets: whole, in order, at the time that {@link NetworkTiming} says. */
export class VirtualNetwork implements Network {
  readonly timeline: Timeline
  readonly timing: NetworkTiming = { connectMs: 1, latencyMs: 1, leaveMs: 0, writtenMs: 0, closedMs: 0 }
  readonly sockets: VirtualSocket[] = []
  readonly observers: NetworkObserver[] = []
  /** Buffers that changed while a socket held them, in words. Must stay empty. */
  readonly violations: string[] = []
  /** Addresses that refuse connections; those without a listener do too. */
  readonly #listeners = new Map<string, Listener | 'silent'>()

  constructor(timeline: Timeline) {
    this.timeline = timeline
  }

  /** @param listener 'silent': connections come up never, as behind a firewall that drops packets */
  listen(address: Address, listener: Listener | 'silent'): void {
    this.#listeners.set(`${address.host}:${address.port}`, listener)
  }

  /** Nobody listens any more; connections there are stay. */
  unlisten(address: Address): void {
    this.#listeners.delete(`${address.host}:${address.port}`)
  }

  listenerAt(address: Address): Listener | 'silent' | undefined {
    return this.#listeners.get(`${address.host}:${address.port}`)
  }

  connect(address: Address, events: SocketEvents, tls?: Tls): Socket {
    const socket = new VirtualSocket(this, this.sockets.length + 1, address, events, tls)
    this.sockets.push(socket)
    return socket
  }

  /** Connections that the producer has not ended or lost. */
  get openSockets(): readonly VirtualSocket[] {
    return this.sockets.filter((socket) => !socket.isClosed)
  }
}

/** The producer's end of a connection. */
export class VirtualSocket implements Socket {
  readonly id: number
  readonly address: Address
  readonly openedMs: number
  /** How it is encrypted; on the virtual wire nothing is. */
  readonly tls: Tls | undefined
  readonly #network: VirtualNetwork
  readonly #events: SocketEvents
  #peerEvents: PeerEvents | undefined
  #isConnected = false
  #isClosed = false
  /** What a write handed over, and how it was then. */
  #writing: { readonly buffers: readonly Uint8Array[]; readonly bytes: Buffer } | undefined

  constructor(network: VirtualNetwork, id: number, address: Address, events: SocketEvents, tls: Tls | undefined) {
    this.tls = tls
    this.#network = network
    this.id = id
    this.address = address
    this.#events = events
    this.openedMs = network.timeline.nowMs
    const listener = network.listenerAt(address)
    if (listener === 'silent') return
    network.timeline.after(network.timing.connectMs, () => this.#onConnect(network.listenerAt(address)))
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  write(buffers: readonly Uint8Array[]): void {
    if (this.#isClosed) return
    if (!this.#isConnected || this.#writing !== undefined)
      throw new Error('a write before the last one left, or before a connection')
    const { timeline, timing, observers } = this.#network
    const bytes = Buffer.concat(buffers)
    this.#writing = { buffers, bytes }
    for (const observer of observers) observer.onWrite(this.id, this.address, bytes)
    timeline.after(timing.leaveMs, () => {
      // Read only now: a buffer that was used again meanwhile sends the wrong bytes, as it would in a real process.
      if (!this.#isClosed) this.#leave(Buffer.concat(buffers))
    })
  }

  destroy(): void {
    this.#end(undefined)
  }

  /** The connection breaks, for both ends. */
  reset(error: Error = new Error('read ECONNRESET')): void {
    this.#end(error)
  }

  #onConnect(listener: Listener | 'silent' | undefined): void {
    if (this.#isClosed) return
    if (listener === undefined || listener === 'silent') {
      this.#end(new Error(`connect ECONNREFUSED ${this.address.host}:${this.address.port}`))
      return
    }
    this.#isConnected = true
    this.#peerEvents = listener({
      connectionId: this.id,
      send: (bytes) => this.#receive(Buffer.from(bytes)),
      close: (error) => void this.#network.timeline.after(this.#network.timing.latencyMs, () => this.#end(error)),
    })
    this.#events.onConnected()
  }

  #leave(bytes: Buffer): void {
    const { timeline, timing } = this.#network
    const peerEvents = this.#peerEvents
    timeline.after(timing.latencyMs, () => peerEvents?.onData(bytes))
    timeline.after(timing.writtenMs, () => {
      if (this.#isClosed) return
      this.#giveBack()
      this.#events.onWritten()
    })
  }

  #receive(bytes: Buffer): void {
    const { timeline, timing, observers } = this.#network
    timeline.after(timing.latencyMs, () => {
      if (this.#isClosed) return
      for (const observer of observers) observer.onReceived(this.id, bytes)
      this.#events.onData(bytes)
      bytes.fill(0xdd) // a chunk is valid during the call only
    })
  }

  #end(error: Error | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const { timeline, timing, observers } = this.#network
    const peerEvents = this.#peerEvents
    timeline.after(timing.latencyMs, () => peerEvents?.onClosed())
    for (const observer of observers) observer.onClosed(this.id)
    timeline.after(timing.closedMs, () => {
      this.#giveBack()
      this.#events.onClosed(error)
    })
  }

  /** The buffers of the last write are the producer's again; until now nobody but the socket may have used them. */
  #giveBack(): void {
    const writing = this.#writing
    this.#writing = undefined
    if (writing !== undefined && !Buffer.concat(writing.buffers).equals(writing.bytes)) {
      this.#network.violations.push(
        `${this.#network.timeline.nowMs} ms: a buffer changed that connection ${this.id} held`,
      )
    }
  }
}
