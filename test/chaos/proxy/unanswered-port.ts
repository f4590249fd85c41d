import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

const PROGRAM = new URL('unanswered-port-worker.ts', import.meta.url)
const HOST = '127.0.0.1'
/** How long the system may take to accept a connection that it will accept. */
const FULL_AFTER_MS = 200

export const LISTENING = 0
const RELEASED = 1

/** What the thread is given. It sleeps on `state` while that is LISTENING. */
interface UnansweredPortData {
  readonly port: number
  readonly host: string
  readonly state: Int32Array<SharedArrayBuffer>
}

export function isUnansweredPortData(data: unknown): data is UnansweredPortData {
  return typeof data === 'object' && data !== null && 'port' in data && 'state' in data
}

/**
 * A port at which a connection is neither accepted nor refused, as behind a firewall that drops packets.
 *
 * A thread listens with the shortest queue there is and goes to sleep. Connections of our own fill the queue, and from
 * then on the system drops whatever comes.
 */
export class UnansweredPort {
  readonly #worker: Worker
  readonly #state: Int32Array<SharedArrayBuffer>
  readonly #fillers: readonly Socket[]

  private constructor(worker: Worker, state: Int32Array<SharedArrayBuffer>, fillers: readonly Socket[]) {
    this.#worker = worker
    this.#state = state
    this.#fillers = fillers
  }

  static async occupy(port: number): Promise<UnansweredPort> {
    const state = new Int32Array(new SharedArrayBuffer(4))
    const workerData: UnansweredPortData = { port, host: HOST, state }
    const worker = new Worker(PROGRAM, { workerData })
    await once(worker, 'message') // rejects when the port is taken: the thread ends with an error

    const fillers: Socket[] = []
    for (let isFull = false; !isFull;) {
      const filler = connect({ port, host: HOST })
      filler.on('error', () => {})
      fillers.push(filler)
      isFull = !(await connects(filler))
    }
    return new UnansweredPort(worker, state, fillers)
  }

  /** The port is free again. */
  async release(): Promise<void> {
    const exited = once(this.#worker, 'exit')
    for (const filler of this.#fillers) filler.destroy()
    Atomics.store(this.#state, 0, RELEASED)
    Atomics.notify(this.#state, 0)
    await exited
  }
}

async function connects(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), FULL_AFTER_MS)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
