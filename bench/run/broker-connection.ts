import { connect, type Socket } from 'node:net'
import {
  type Api,
  apiVersions,
  codecFor,
  decodeResponseFrame,
  encodeRequestFrame,
  FrameReader,
  type RequestInput,
  type ResponseOf,
  versionsIn,
} from '@linger/protocol'

const TIMEOUT_MS = 120_000
/** Every broker answers this version, so it can be asked before the versions are known. */
const API_VERSIONS_ASKED = 0

/**
 * One connection that asks one thing at a time. It is all that the runner needs to make topics and to count their
 * records, and it is independent of the producer that is measured.
 */
export class BrokerConnection {
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  readonly #newest = new Map<number, number>()
  #correlationId = 0
  #settle: { frame(frame: Uint8Array): void; error(error: Error): void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)))
    socket.on('data', (chunk) => this.#frames.push(chunk, (frame) => this.#settle?.frame(frame)))
    socket.on('error', (error) => this.#settle?.error(error))
    socket.on('close', () => this.#settle?.error(new Error('the broker closed the connection')))
  }

  static async open(address: string): Promise<BrokerConnection> {
    const colon = address.lastIndexOf(':')
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) })
    const connection = new BrokerConnection(socket)
    const { apiKeys } = await connection.#ask(apiVersions, API_VERSIONS_ASKED, {})
    for (const { apiKey, maxVersion } of apiKeys) connection.#newest.set(apiKey, maxVersion)
    return connection
  }

  speaks(api: Api): boolean {
    return this.#newest.has(api.apiKey)
  }

  /** The newest version of an API that the broker and our schema both know, or `atMost`. */
  versionOf(api: Api, atMost: number = Infinity): number {
    const broker = this.#newest.get(api.apiKey)
    const { min, max } = versionsIn(api.versions)
    if (broker === undefined || broker < min) throw new Error(`${api.name}: no version that both ends know`)
    return Math.min(broker, max, atMost)
  }

  async ask<A extends Api>(api: A, input: RequestInput<A>, atMost?: number): Promise<ResponseOf<A>> {
    return this.#ask(api, this.versionOf(api, atMost), input)
  }

  close(): void {
    this.#settle = undefined
    this.#socket.destroy()
  }

  async #ask<A extends Api>(api: A, version: number, input: RequestInput<A>): Promise<ResponseOf<A>> {
    const codec = codecFor(api, version)
    const frame = await new Promise<Uint8Array>((resolve, reject) => {
      this.#settle = { frame: resolve, error: reject }
      this.#socket.write(encodeRequestFrame(codec, ++this.#correlationId, 'bench', input))
    })
    return decodeResponseFrame(codec, frame).response
  }
}
