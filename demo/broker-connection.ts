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

const TIMEOUT_MS = 30_000
/** Every broker answers this version, so it can be asked before the versions are known. */
const API_VERSIONS_ASKED = 0

/** A connection that asks one thing at a time: enough to make topics and to read them, and independent of the producer. */
export class BrokerConnection {
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  readonly #newest = new Map<number, number>()
  #correlationId = 0
  #failure: Error | undefined
  #waiting: { readonly resolve: (frame: Uint8Array) => void; readonly reject: (error: Error) => void } | undefined

  private constructor(address: string, timeoutMs: number) {
    const colon = address.lastIndexOf(':')
    const host = address.slice(0, colon).replaceAll(/[[\]]/gu, '')
    this.#socket = connect({ host, port: Number(address.slice(colon + 1)), noDelay: true })
    this.#socket.setTimeout(timeoutMs, () => this.#fail(new Error(`${address}: no answer in ${timeoutMs} ms`)))
    this.#socket.on('data', (chunk) => this.#onData(chunk))
    this.#socket.on('error', (error) => this.#fail(new Error(`${address}: ${error.message}`, { cause: error })))
    this.#socket.on('close', () => this.#fail(new Error(`${address}: the broker closed the connection`)))
  }

  /**
   * @param address `host:port`
   * @param timeoutMs it is ended when nothing was said for so long
   */
  static async open(address: string, timeoutMs: number = TIMEOUT_MS): Promise<BrokerConnection> {
    const connection = new BrokerConnection(address, timeoutMs)
    try {
      const { apiKeys } = await connection.#ask(apiVersions, API_VERSIONS_ASKED, {})
      for (const { apiKey, maxVersion } of apiKeys) connection.#newest.set(apiKey, maxVersion)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  speaks(api: Api): boolean {
    return this.#newest.has(api.apiKey)
  }

  /** The newest version of an API that the broker and our schema both know, or `upTo`. */
  versionOf(api: Api, upTo: number = Infinity): number {
    const broker = this.#newest.get(api.apiKey)
    const { min, max } = versionsIn(api.versions)
    if (broker === undefined || broker < min) throw new Error(`${api.name}: no version that both ends know`)
    return Math.min(broker, max, upTo)
  }

  /** @param upTo an older version than the newest, where its layout is wanted */
  async ask<A extends Api>(api: A, input: RequestInput<A>, upTo?: number): Promise<ResponseOf<A>> {
    return this.#ask(api, this.versionOf(api, upTo), input)
  }

  close(): void {
    this.#socket.destroy()
  }

  async #ask<A extends Api>(api: A, version: number, input: RequestInput<A>): Promise<ResponseOf<A>> {
    const codec = codecFor(api, version)
    const frame = await new Promise<Uint8Array>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure)
        return
      }
      this.#waiting = { resolve, reject }
      this.#socket.write(encodeRequestFrame(codec, ++this.#correlationId, 'linger-demo', input))
    })
    return decodeResponseFrame(codec, frame).response
  }

  #onData(chunk: Buffer): void {
    try {
      this.#frames.push(chunk, (frame) => this.#waiting?.resolve(frame))
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#waiting?.reject(this.#failure)
    this.#socket.destroy()
  }
}
