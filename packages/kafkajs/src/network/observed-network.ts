import type { Address, Network, Socket, SocketEvents, Tls } from '@linger/producer'
import { ObservedRequests, type RequestListener } from './observed-requests.ts'

/** A network whose requests and answers are told. It looks at the first bytes of each, and changes nothing. */
export class ObservedNetwork implements Network {
  readonly #network: Network
  readonly #listener: RequestListener

  constructor(network: Network, listener: RequestListener) {
    this.#network = network
    this.#listener = listener
  }

  connect(address: Address, events: SocketEvents, tls?: Tls): Socket {
    const requests = new ObservedRequests(`${tls?.host ?? address.host}:${address.port}`, this.#listener)
    const socket = this.#network.connect(
      address,
      {
        onConnected: () => events.onConnected(),
        onData: (chunk) => {
          requests.onReceived(chunk)
          events.onData(chunk)
        },
        onWritten: () => events.onWritten(),
        onClosed: (error) => {
          requests.onClosed()
          events.onClosed(error)
        },
      },
      tls,
    )
    return {
      write: (buffers) => {
        requests.onWritten(buffers)
        socket.write(buffers)
      },
      destroy: () => {
        requests.onDestroyed()
        socket.destroy()
      },
    }
  }
}
