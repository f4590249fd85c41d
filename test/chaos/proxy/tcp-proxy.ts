import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { CLEAR, type Flow } from './flow.ts'
import { type Flows, Link } from './link.ts'
import { UnansweredPort } from './unanswered-port.ts'

const HOST = '127.0.0.1'
const CLEAR_FLOWS: Flows = { requests: CLEAR, answers: CLEAR }

export interface TcpProxyOptions {
  /** Where clients come in. */
  readonly port: number
  /** Where the broker listens. */
  readonly brokerPort: number
  /** Chance for jitter, from 0 to below 1. */
  readonly random?: () => number
}

/** Stands between clients and one broker, byte for byte, and does to their connections what networks do. */
export class TcpProxy {
  readonly port: number
  readonly #brokerPort: number
  readonly #random: () => number
  readonly #links = new Set<Link>()
  #server: Server | undefined
  #unanswered: UnansweredPort | undefined
  #changing: Promise<void> = Promise.resolve()
  #flows = CLEAR_FLOWS
  #hitCount = 0

  private constructor({ port, brokerPort, random = Math.random }: TcpProxyOptions) {
    this.port = port
    this.#brokerPort = brokerPort
    this.#random = random
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options)
    await proxy.#listen()
    return proxy
  }

  get connectionCount(): number {
    return this.#links.size
  }

  /** How many chunks of bytes the flows that are imposed have touched so far. */
  get hitCount(): number {
    return this.#hitCount
  }

  /** On every connection there is and every one that comes, until `clear`. */
  impose({ requests = CLEAR, answers = CLEAR }: { readonly requests?: Flow; readonly answers?: Flow }): void {
    this.#hitCount = 0
    this.#flows = { requests, answers }
    for (const link of this.#links) link.impose(this.#flows)
  }

  /** Bytes flow again, save on connections that lost some. New connections are answered again. */
  async clear(): Promise<void> {
    this.#flows = CLEAR_FLOWS
    for (const link of this.#links) link.impose(CLEAR_FLOWS)
    await this.#inTurn(async () => this.#listen())
  }

  /** Ends every connection by a reset. Answers how many there were. */
  resetAll(): number {
    const count = this.#links.size
    for (const link of this.#links) link.reset()
    return count
  }

  /** Ends every connection by a FIN. Answers how many there were. */
  endAll(): number {
    const count = this.#links.size
    for (const link of this.#links) link.end()
    return count
  }

  /** New connections are refused until `clear`; those that are there go on. */
  async refuse(): Promise<void> {
    await this.#inTurn(async () => this.#refuse())
  }

  /** New connections get no answer at all, not even that there is nobody, until `clear`. */
  async leaveUnanswered(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#refuse()
      this.#unanswered ??= await UnansweredPort.occupy(this.port)
    })
  }

  async stop(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#unanswered?.release()
      this.#unanswered = undefined
      this.#server?.close()
      this.#server = undefined
    })
    this.resetAll()
  }

  /** Several faults may want the port to be in different ways: the last one has it. */
  async #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#changing.then(change)
    this.#changing = changed.catch(() => {}) // whoever waits for this change hears of it
    return changed
  }

  async #refuse(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    // Without waiting for its 'close', which comes only when its last connection has ended.
    server.close()
    await untilRefused(this.port)
  }

  async #listen(): Promise<void> {
    await this.#unanswered?.release()
    this.#unanswered = undefined
    if (this.#server !== undefined) return
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#onClient(client))
    server.listen({ port: this.port, host: HOST })
    await once(server, 'listening')
    this.#server = server
  }

  #onClient(client: Socket): void {
    const broker = connect({ port: this.#brokerPort, host: HOST, allowHalfOpen: true, noDelay: true })
    const link = new Link(client, broker, {
      random: this.#random,
      onHit: () => {
        this.#hitCount += 1
      },
      onClosed: () => this.#links.delete(link),
    })
    this.#links.add(link)
    link.impose(this.#flows)
  }
}

/** The system may let some connections in while a server is closing. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const socket = connect({ port, host: HOST })
    const refused = await once(socket, 'connect').then(
      () => false,
      () => true,
    )
    socket.destroy()
    if (refused) return
  }
}
