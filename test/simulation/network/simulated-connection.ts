import type { EmbeddedBroker } from '@linger/broker'
import type { Address, Socket, SocketEvents } from '@linger/producer'
import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { ProducerProcess } from '../producer-process.ts'
import { ByteStream } from './byte-stream.ts'
import type { Path } from './path.ts'
import type { SimulatedNetwork } from './simulated-network.ts'

type BrokerConnection = ReturnType<EmbeddedBroker['accept']>

const BROKER_LIMITS = { maxRequestBytes: 100 * 1024 * 1024, log: (): void => {} }

/** A write whose bytes the socket has not all taken. */
interface Write {
  readonly buffers: readonly Uint8Array[]
  /** What the buffers held when they were handed over. */
  readonly bytes: Buffer
  takenBytes: number
}

/**
 * A TCP connection from a producer's process to a broker, both ends of it. What has left the process arrives whatever
 * the process does then, unless the connection is reset.
 */
export class SimulatedConnection implements Socket {
  readonly id: number
  readonly address: Address
  readonly path: Path
  /** The producer, by its number. */
  readonly owner: number
  readonly up: ByteStream
  readonly down: ByteStream
  readonly #network: SimulatedNetwork
  readonly #process: ProducerProcess
  readonly #events: SocketEvents
  readonly #random: SeededRandom
  /** The broker's end. */
  #peer: BrokerConnection | undefined
  /** What arrived while the broker does not read from this connection; undefined when it does. */
  #unread: Buffer[] | undefined
  #state: 'CONNECTING' | 'OPEN' | 'CLOSED' = 'CONNECTING'
  #writing: Write | undefined

  constructor(
    network: SimulatedNetwork,
    id: number,
    address: Address,
    path: Path,
    process: ProducerProcess,
    events: SocketEvents,
    random: SeededRandom,
  ) {
    this.id = id
    this.address = address
    this.path = path
    this.owner = process.index
    this.#network = network
    this.#process = process
    this.#events = events
    this.#random = random
    const { timeline } = network
    const { conditions } = path
    const onUp = (piece: Buffer): void => this.#reach(piece)
    this.up = new ByteStream({ timeline, random: random.split('up'), conditions, direction: 'UP', onPiece: onUp })
    const onDown = (piece: Buffer): void => process.deliver(() => this.#onData(piece))
    this.down = new ByteStream({
      timeline,
      random: random.split('down'),
      conditions,
      direction: 'DOWN',
      onPiece: onDown,
    })
    if (conditions.connects === 'SILENT') return
    timeline.after(2 * conditions.latencyMs, () => process.deliver(() => this.#onConnect()))
  }

  get isOpen(): boolean {
    return this.#state === 'OPEN'
  }

  /** It still holds buffers of the producer. */
  get isWriting(): boolean {
    return this.#writing !== undefined
  }

  write(buffers: readonly Uint8Array[]): void {
    if (this.#state === 'CLOSED') {
      // It has not heard of the end yet, and never knows that nothing of this has left.
      this.#network.observer.onWrite(this, Buffer.concat(buffers))
      this.#network.observer.onClosed(this)
      return
    }
    if (this.#state !== 'OPEN' || this.#writing !== undefined) {
      this.#network.violate(`connection ${this.id}: a write before the last one left, or before a connection`)
      return
    }
    const bytes = Buffer.concat(buffers)
    this.#network.observer.onWrite(this, bytes)
    this.#writing = { buffers, bytes, takenBytes: 0 }
    this.#take(this.#writing)
  }

  destroy(): void {
    if (this.#state === 'CLOSED') return
    this.down.abort()
    this.up.end(() => this.#peerClosed())
    this.#close(undefined, this.#random.pick([0, 0, this.path.conditions.writeGapMs, 300]))
  }

  /** Both ends lose it, with all that is on the way. */
  reset(): void {
    if (this.#state === 'CLOSED') return
    this.up.abort()
    this.down.abort()
    this.#peerClosed()
    this.#close(new Error('read ECONNRESET'), this.path.conditions.latencyMs)
  }

  /** The process is gone: its operating system still sends what it has, and ends the connection. */
  abandon(): void {
    if (this.#state !== 'CLOSED') {
      this.#state = 'CLOSED'
      this.down.abort()
      this.up.end(() => this.#peerClosed())
      this.path.connections.delete(this)
      this.#network.observer.onClosed(this)
    }
    this.#network.onSocketGone(this)
  }

  /** The broker ends it: what it sent before still arrives. */
  finish(): void {
    this.up.abort()
    this.#peerClosed()
    this.down.end(() => this.#close(undefined, 0))
  }

  /** A router forgot the connection: nothing arrives any more, and nobody is told. */
  die(): void {
    this.up.isDead = true
    this.down.isDead = true
  }

  #onConnect(): void {
    if (this.#state !== 'CONNECTING') return
    const { broker, conditions } = this.path
    if (broker === undefined || conditions.connects !== 'ACCEPTED') {
      this.#close(new Error(`connect ECONNREFUSED ${this.address.host}:${this.address.port}`), 0)
      return
    }
    this.#state = 'OPEN'
    this.path.connections.add(this)
    this.#peer = broker.accept(
      {
        write: (bytes) => {
          this.down.push(Buffer.from(bytes))
          return true
        },
        close: () => this.finish(),
        reset: () => this.reset(),
        pause: () => (this.#unread ??= []),
        resume: () => this.#readAgain(),
      },
      BROKER_LIMITS,
    )
    this.#events.onConnected()
  }

  #onData(piece: Buffer): void {
    if (this.#state !== 'OPEN') return
    this.#network.observer.onReceived(this, piece)
    this.#events.onData(piece)
    piece.fill(0xdd) // a chunk is valid during the call only
  }

  /** The socket takes what it can; the rest waits, and is read from the producer's buffers only then. */
  #take(write: Write): void {
    if (this.#writing !== write) return
    const { conditions } = this.path
    const now = Buffer.concat(write.buffers)
    if (!now.equals(write.bytes)) this.#network.violate(`connection ${this.id}: a buffer changed that a socket held`)
    const untilBytes = Math.min(now.length, write.takenBytes + conditions.writeBytesMax)
    this.up.push(now.subarray(write.takenBytes, untilBytes))
    write.takenBytes = untilBytes
    const isAll = untilBytes === now.length
    this.#network.timeline.after(isAll ? this.#someDelayMs() : conditions.writeGapMs, () =>
      this.#process.deliver(() => {
        if (this.#writing !== write) return
        if (!isAll) {
          this.#take(write)
          return
        }
        this.#letGo()
        this.#events.onWritten()
      }),
    )
  }

  #close(error: Error | undefined, delayMs: number): void {
    if (this.#state === 'CLOSED') return
    this.#state = 'CLOSED'
    this.path.connections.delete(this)
    this.#network.observer.onClosed(this)
    this.#network.timeline.after(delayMs, () =>
      this.#process.deliver(() => {
        this.#letGo()
        this.#network.onSocketGone(this)
        this.#events.onClosed(error)
      }),
    )
  }

  /** An event loop may tell of an answer before it tells that the request has left, and of an end some time after it. */
  #someDelayMs(): number {
    return this.#random.pick([0, 0, this.path.conditions.writeGapMs])
  }

  /** The buffers of the last write are the producer's again; until now nobody but the socket may have used them. */
  #letGo(): void {
    const writing = this.#writing
    this.#writing = undefined
    if (writing !== undefined && !Buffer.concat(writing.buffers).equals(writing.bytes)) {
      this.#network.violate(`connection ${this.id}: a buffer changed before the socket let it go`)
    }
  }

  #reach(piece: Buffer): void {
    if (this.#unread === undefined) this.#peer?.receive(piece)
    else this.#unread.push(piece)
  }

  #readAgain(): void {
    const unread = this.#unread ?? []
    this.#unread = undefined
    for (const piece of unread) this.#reach(piece)
  }

  #peerClosed(): void {
    const peer = this.#peer
    this.#peer = undefined
    peer?.onClosed()
  }
}
