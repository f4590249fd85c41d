import type { Answer } from '../apis/api-handler.ts'
import type { BrokerPorts } from '../ports.ts'
import { FrameAssembler } from './frame-assembler.ts'

/** The way to a client, as a socket or a test has it. */
export interface ClientEnd {
  /** Answers whether more may be written at once. If not, `onDrained` is called when it may. */
  write(bytes: Uint8Array): boolean
  /** Ends the connection, after what was written. */
  close(): void
  /** Breaks it off. */
  reset(): void
  /** No bytes are wanted any more, until `resume`. */
  pause(): void
  resume(): void
}

export interface ConnectionOptions {
  readonly maxRequestBytes: number
  readonly log: (message: string) => void
}

export interface BrokerConnectionOptions {
  readonly client: ClientEnd
  readonly options: ConnectionOptions
  readonly ports: BrokerPorts
  readonly connectionId: number
  readonly isPaused: boolean
  readonly handle: (frame: Uint8Array, answer: (answer: Answer) => void, connectionId: number) => () => void
  readonly onClosed: () => void
}

/**
 * Why nothing more is read from a client, beside a request that is not answered: it does not read its answers, it is to
 * pause (KIP-219), or the whole broker stands still.
 */
type Reason = 'answers' | 'throttle' | 'process'

/**
 * One client. Its requests are answered one at a time and in order, as Kafka does: while an answer is awaited, or the
 * client does not read what it was sent, nothing more is read from it.
 *
 * @source Kafka SocketServer, which mutes a channel from its request to its answer
 */
export class BrokerConnection {
  readonly connectionId: number
  readonly #client: ClientEnd
  readonly #log: (message: string) => void
  readonly #ports: BrokerPorts
  readonly #handle: BrokerConnectionOptions['handle']
  readonly #onClosed: () => void
  readonly #frames: FrameAssembler
  readonly #mutedBy = new Set<Reason>()
  readonly #onAnswer = (answer: Answer): void => this.#deliver(answer)
  #isAwaitingAnswer = false
  /** An answer that came while the process stood still. */
  #heldAnswer: Answer | undefined
  #isOpen = true
  #isReading = true
  #isRunning = false
  #cancelRequest: () => void = () => {}
  #cancelThrottle: () => void = () => {}

  constructor({ client, options, ports, connectionId, isPaused, handle, onClosed }: BrokerConnectionOptions) {
    this.#client = client
    this.#log = options.log
    this.#ports = ports
    this.connectionId = connectionId
    this.#handle = handle
    this.#onClosed = onClosed
    this.#frames = new FrameAssembler(options.maxRequestBytes)
    if (isPaused) this.pause()
  }

  /** @param chunk is read until all its requests are answered, and must not change */
  receive(chunk: Buffer): void {
    if (!this.#isOpen) return
    this.#frames.push(chunk)
    this.#run()
  }

  /** The client has read what it was sent. */
  onDrained(): void {
    this.#unmute('answers')
  }

  /** The client has gone. */
  onClosed(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#cancelRequest()
    this.#cancelThrottle()
    this.#onClosed()
  }

  /** The broker's process stands still. */
  pause(): void {
    this.#mutedBy.add('process')
    this.#readIfWanted()
  }

  resume(): void {
    const answer = this.#heldAnswer
    this.#heldAnswer = undefined
    this.#mutedBy.delete('process')
    if (answer !== undefined) this.#deliver(answer)
    this.#run()
  }

  /** The broker's process shuts down. */
  close(): void {
    if (!this.#isOpen) return
    this.onClosed()
    this.#client.close()
  }

  /** The broker's process ends. */
  reset(): void {
    if (!this.#isOpen) return
    this.onClosed()
    this.#client.reset()
  }

  /** Answers every whole request that has come. Nothing a client sends may get further than this. */
  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      while (this.#isOpen && this.#isReady()) {
        const frame = this.#frames.next()
        if (frame === undefined) break
        this.#isAwaitingAnswer = true
        this.#cancelRequest = this.#handle(frame, this.#onAnswer, this.connectionId)
      }
    } catch (error) {
      this.#end('close', error instanceof Error ? error.message : String(error))
    } finally {
      this.#isRunning = false
    }
    this.#readIfWanted()
  }

  #deliver(answer: Answer): void {
    if (!this.#isOpen) return
    if (this.#mutedBy.has('process')) {
      this.#heldAnswer = answer
      return
    }
    switch (answer.kind) {
      case 'response':
        // A client that does not read its answers is not read from either: its answers do not pile up here.
        if (!this.#client.write(answer.frame)) this.#mutedBy.add('answers')
        this.#throttle(answer.throttleTimeMs)
        break
      case 'none':
        this.#throttle(answer.throttleTimeMs)
        break
      case 'cut':
        this.#client.write(answer.bytes)
        this.#end('close', 'a fault cut an answer')
        break
      case 'close':
      case 'reset':
        this.#end(answer.kind, answer.reason)
        break
    }
    this.#isAwaitingAnswer = false
    this.#run()
  }

  #isReady(): boolean {
    return !this.#isAwaitingAnswer && this.#mutedBy.size === 0
  }

  #throttle(throttleTimeMs: number = 0): void {
    if (throttleTimeMs <= 0) return
    this.#mutedBy.add('throttle')
    this.#cancelThrottle = this.#ports.after(throttleTimeMs, () => this.#unmute('throttle'))
  }

  #unmute(reason: Reason): void {
    this.#mutedBy.delete(reason)
    this.#run()
  }

  #readIfWanted(): void {
    const isWanted = this.#isReady()
    if (!this.#isOpen || isWanted === this.#isReading) return
    this.#isReading = isWanted
    if (isWanted) this.#client.resume()
    else this.#client.pause()
  }

  #end(how: 'close' | 'reset', reason: string): void {
    this.#log(`connection closed: ${reason}`)
    this.onClosed()
    this.#client[how]()
  }
}
