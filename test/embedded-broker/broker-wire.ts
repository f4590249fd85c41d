import {
  type Api,
  codecFor,
  correlationIdOf,
  decodeResponseFrame,
  encodeRequestFrame,
  FrameReader,
  type RequestInput,
  type ResponseOf,
} from '@linger/protocol'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const CLIENT_ID = 'broker-wire'

interface Waiting {
  answered(frame: Uint8Array): void
  failed(error: Error): void
}

/** The broker has ended the connection, which is an answer too. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed'
}

/** One connection to a broker, for requests that a producer would never send. */
export class BrokerWire {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiting>()
  #isClosed = false
  #correlationId = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    const frames = new FrameReader()
    socket.on('data', (chunk: Buffer) =>
      frames.push(chunk, (frame) => this.#waiting.get(correlationIdOf(frame))?.answered(Buffer.from(frame))),
    )
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => {
      this.#isClosed = true
      for (const { failed } of this.#waiting.values()) failed(new ConnectionClosed('the broker closed the connection'))
    })
  }

  /** @param bootstrapServers of which the first is connected to */
  static async open(bootstrapServers: string): Promise<BrokerWire> {
    const [host = '', port = ''] = (bootstrapServers.split(',')[0] ?? '').split(':')
    const socket = connect(Number(port), host)
    await once(socket, 'connect')
    return new BrokerWire(socket)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  close(): void {
    this.#socket.destroy()
  }

  /** @throws ConnectionClosed */
  async ask<A extends Api>(api: A, version: number, request: RequestInput<A>): Promise<ResponseOf<A>> {
    const codec = codecFor(api, version)
    const frame = await this.askBytes(encodeRequestFrame(codec, ++this.#correlationId, CLIENT_ID, request))
    return decodeResponseFrame(codec, frame).response
  }

  /** Sends a request that gets no answer. */
  tell<A extends Api>(api: A, version: number, request: RequestInput<A>): void {
    this.#socket.write(encodeRequestFrame(codecFor(api, version), ++this.#correlationId, CLIENT_ID, request))
  }

  /** The answer, without its size, to a request frame with any correlation id that is not waited for. */
  askBytes(frame: Uint8Array): Promise<Uint8Array> {
    const correlationId = Buffer.from(frame).readInt32BE(8)
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(new ConnectionClosed('the connection is closed already'))
      const done = (settle: () => void): void => {
        this.#waiting.delete(correlationId)
        settle()
      }
      this.#waiting.set(correlationId, {
        answered: (answer) => done(() => resolve(answer)),
        failed: (error) => done(() => reject(error)),
      })
      this.#socket.write(frame)
    })
  }
}
