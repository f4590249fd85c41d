import type { Socket } from 'node:net'
import type { Flow } from './flow.ts'
import { Pipe } from './pipe.ts'
import { resetSocket } from './reset-socket.ts'

/** The flows of both directions, as a client sees them. */
export interface Flows {
  /** From the client to the broker. */
  readonly requests: Flow
  /** From the broker to the client. */
  readonly answers: Flow
}

export interface LinkEvents {
  readonly random: () => number
  readonly onHit: () => void
  readonly onClosed: () => void
}

/** A client's connection through the proxy to its broker. */
export class Link {
  readonly #client: Socket
  readonly #broker: Socket
  readonly #requests: Pipe
  readonly #answers: Pipe

  /** @param broker a socket that may still be connecting: what comes for it meanwhile waits in it */
  constructor(client: Socket, broker: Socket, { random, onHit, onClosed }: LinkEvents) {
    this.#client = client
    this.#broker = broker
    const onCut = (by: 'RESET' | 'FIN'): void => (by === 'RESET' ? this.reset() : this.end())
    this.#requests = new Pipe({ source: client, target: broker, random, onHit, onCut })
    this.#answers = new Pipe({ source: broker, target: client, random, onHit, onCut })
    const onClose = (): void => {
      if (client.destroyed && broker.destroyed) onClosed()
    }
    client.on('close', onClose)
    broker.on('close', onClose)
  }

  impose({ requests, answers }: Flows): void {
    this.#requests.impose(requests)
    this.#answers.impose(answers)
  }

  /** To either side as if the other had crashed. */
  reset(): void {
    resetSocket(this.#client)
    resetSocket(this.#broker)
  }

  /** To either side as if the other had closed in good order. */
  end(): void {
    this.#client.end()
    this.#broker.end()
  }
}
