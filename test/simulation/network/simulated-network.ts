import type { Address, Network } from '@linger/producer'
import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { Timeline } from '../../../packages/producer/test/world/timeline.ts'
import type { ProducerProcess } from '../producer-process.ts'
import { Path, UNDISTURBED } from './path.ts'
import { SimulatedConnection } from './simulated-connection.ts'

/** Which connection it is, and whose. */
export type ObservedConnection = Pick<SimulatedConnection, 'id' | 'owner'>

/** Sees what the producers' processes say and hear. */
export interface NetworkObserver {
  onWrite(connection: ObservedConnection, bytes: Buffer): void
  onReceived(connection: ObservedConnection, piece: Buffer): void
  /** Nothing more is heard on it. */
  onClosed(connection: ObservedConnection): void
}

/** TCP between producers and brokers, down to the byte. */
export class SimulatedNetwork {
  readonly timeline: Timeline
  readonly observer: NetworkObserver
  readonly violate: (what: string) => void
  /** Sees every connection before anything travels on it. */
  onConnection: (connection: SimulatedConnection) => void = () => {}
  readonly #random: SeededRandom
  readonly #paths = new Map<string, Path>()
  readonly #sockets = new Set<SimulatedConnection>()
  #connectionCount = 0

  constructor(timeline: Timeline, random: SeededRandom, observer: NetworkObserver, violate: (what: string) => void) {
    this.timeline = timeline
    this.#random = random
    this.observer = observer
    this.violate = violate
  }

  /** Sockets that the producers did not give back. */
  get socketCount(): number {
    return this.#sockets.size
  }

  get connectionCount(): number {
    return this.#connectionCount
  }

  /** Undefined once it has ended. */
  openConnection({ id }: ObservedConnection): SimulatedConnection | undefined {
    return [...this.#sockets].find((socket) => socket.id === id && socket.isOpen)
  }

  add(address: Address, path: Path): void {
    this.#paths.set(`${address.host}:${address.port}`, path)
  }

  /** The network as one producer's process sees it. */
  portFor(process: ProducerProcess): Network {
    return {
      connect: (address, events) => {
        const id = ++this.#connectionCount
        const path = this.#paths.get(`${address.host}:${address.port}`) ?? new Path(undefined, UNDISTURBED)
        const random = this.#random.split(id)
        const connection = new SimulatedConnection(this, id, address, path, process, events, random)
        this.#sockets.add(connection)
        this.onConnection(connection)
        return connection
      },
    }
  }

  /** The process is gone, and its sockets with it. */
  onKilled({ index }: ProducerProcess): void {
    for (const socket of this.#sockets) if (socket.owner === index) socket.abandon()
  }

  onSocketGone(connection: SimulatedConnection): void {
    this.#sockets.delete(connection)
  }
}
