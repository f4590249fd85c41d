import type { Duplex } from 'node:stream'
import type { Answer } from '../apis/api-handler.ts'
import type { EmbeddedBroker } from '../broker.ts'
import { FrameAssembler } from './frame-assembler.ts'

export interface ConnectionOptions {
  readonly maxRequestBytes: number
  readonly log: (message: string) => void
}

/**
 * One client. Its requests are answered one at a time and in order, as Kafka does: while an answer is awaited, or the
 * client does not read what it was sent, nothing more is read from it.
 */
export class Connection {
  readonly #socket: Duplex
  readonly #broker: EmbeddedBroker
  readonly #log: (message: string) => void
  readonly #frames: FrameAssembler
  #isBusy = false
  #cancelPending: () => void = () => {}

  constructor(socket: Duplex, broker: EmbeddedBroker, options: ConnectionOptions) {
    this.#socket = socket
    this.#broker = broker
    this.#log = options.log
    this.#frames = new FrameAssembler(options.maxRequestBytes)
    socket.on('data', (chunk: Buffer) => {
      this.#frames.push(chunk)
      this.#run()
    })
    socket.on('drain', () => this.#resume())
    socket.on('error', (error) => this.#log(`connection lost: ${error.message}`))
    socket.on('close', () => this.#cancelPending())
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Answers every whole request that has come. Nothing a client sends may get further than this. */
  #run(): void {
    this.#socket.cork()
    try {
      while (!this.#isBusy && !this.#socket.destroyed) {
        const frame = this.#frames.next()
        if (frame === undefined) break
        this.#isBusy = true
        this.#cancelPending = this.#broker.handle(frame, (answer) => this.#deliver(answer))
      }
    } catch (error) {
      this.#refuse(error instanceof Error ? error.message : String(error))
    }
    if (this.#isBusy) this.#socket.pause()
    this.#socket.uncork()
  }

  #deliver(answer: Answer): void {
    switch (answer.kind) {
      case 'response':
        // A client that does not read its answers is not read from either: its answers do not pile up here.
        this.#isBusy = !this.#socket.write(answer.frame)
        break
      case 'none':
        this.#isBusy = false
        break
      case 'close':
        this.#refuse(answer.reason)
        break
    }
    if (!this.#isBusy) this.#resume()
  }

  #resume(): void {
    this.#isBusy = false
    if (this.#socket.isPaused() && !this.#socket.destroyed) {
      this.#socket.resume()
      this.#run()
    }
  }

  #refuse(reason: string): void {
    this.#log(`connection closed: ${reason}`)
    this.#socket.destroy()
  }
}
