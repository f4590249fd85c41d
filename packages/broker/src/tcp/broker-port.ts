import { createServer, type Server } from 'node:net'
import type { EmbeddedBroker } from '../broker.ts'
import type { ConnectionOptions } from '../connection/broker-connection.ts'
import { serve } from './connection.ts'

/** The port of a broker. It can be closed while the broker lives, and opened again under the same number. */
export class BrokerPort {
  readonly host: string
  readonly #broker: EmbeddedBroker
  readonly #options: ConnectionOptions
  #server: Server | undefined
  #port: number

  /** @param port 0 for a free one, which it then keeps */
  constructor(broker: EmbeddedBroker, host: string, port: number, options: ConnectionOptions) {
    this.#broker = broker
    this.host = host
    this.#port = port
    this.#options = options
  }

  get port(): number {
    return this.#port
  }

  /** `host:port`, as in a client's bootstrap.servers: an IPv6 address stands in brackets. */
  get address(): string {
    return `${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.#port}`
  }

  /** @throws Error where the port is taken; it can be tried again */
  async open(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer({ noDelay: true }, (socket) => serve(socket, this.#broker, this.#options))
    this.#server = server
    try {
      this.#port = await listen(server, this.host, this.#port)
    } catch (error) {
      if (this.#server === server) this.#server = undefined
      throw error
    }
  }

  /** Who connects from now on is refused. Connections that are there stay, and the promise waits for their end. */
  close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    return new Promise((resolve) => {
      if (server === undefined) resolve()
      else server.close(() => resolve())
    })
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'))
      else resolve(address.port)
    })
  })
}
