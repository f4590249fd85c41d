import {
  type Api,
  codecFor,
  decodeResponseFrame,
  encodeRequestFrame,
  type RequestInput,
  type ResponseOf,
} from '@linger/protocol'
import { type Answer, type BrokerConfig, type BrokerPorts, Cluster, EmbeddedBroker } from '../src/index.ts'
import { BASE_TIMESTAMP } from './record-batch.ts'

const CORRELATION_ID = 4711
const SIZE_BYTES = 4

/** Time that stands still until it is moved. */
export class ManualPorts implements BrokerPorts {
  #now = BASE_TIMESTAMP
  #uuids = 0
  #timers: { atMs: number; run: () => void }[] = []

  get timerCount(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#now + delayMs, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  randomUuid(): string {
    return `uuid${String(this.#uuids++).padStart(17, '0')}A`
  }

  pass(durationMs: number): void {
    this.#now += durationMs
    for (const timer of this.#timers.filter(({ atMs }) => atMs <= this.#now)) {
      this.#timers = this.#timers.filter((other) => other !== timer)
      timer.run()
    }
  }
}

/** A broker without a socket, and a client that speaks to it in frames. */
export class TestClient {
  readonly ports: ManualPorts
  readonly cluster: Cluster
  readonly broker: EmbeddedBroker

  /** @param other a client of another broker of the same cluster */
  constructor(config: Partial<BrokerConfig> = {}, other?: TestClient) {
    const nodeId = (other?.cluster.nodes.length ?? 0) + 1
    this.ports = other?.ports ?? new ManualPorts()
    this.cluster = other?.cluster ?? new Cluster(() => this.ports.randomUuid(), { count: 100 })
    this.broker = new EmbeddedBroker({ nodeId, cluster: this.cluster, ports: this.ports, ...config })
    this.cluster.register({ nodeId, host: `broker-${nodeId}`, port: 9092 })
  }

  /** A client of each broker of a cluster. */
  static ofCluster(count: number, config: Partial<BrokerConfig> = {}): TestClient[] {
    const clients = [new TestClient(config)]
    while (clients.length < count) clients.push(new TestClient(config, clients[0]))
    return clients
  }

  /** The response to a request that is answered at once. */
  call<A extends Api>(api: A, version: number, request: RequestInput<A>): ResponseOf<A> {
    return responseIn(api, version, this.answer(api, version, request))
  }

  answer<A extends Api>(api: A, version: number, request: RequestInput<A>): Answer {
    const [answer] = this.start(api, version, request).answers
    if (answer === undefined) throw new Error('no answer yet')
    return answer
  }

  /** Sends a request; its answers come into the array. */
  start<A extends Api>(api: A, version: number, request: RequestInput<A>): { answers: Answer[]; cancel: () => void } {
    const frame = encodeRequestFrame(codecFor(api, version), CORRELATION_ID, 'test', request).subarray(SIZE_BYTES)
    return this.startFrame(frame)
  }

  startFrame(frame: Uint8Array): { answers: Answer[]; cancel: () => void } {
    const answers: Answer[] = []
    const cancel = this.broker.handle(frame, (answer) => answers.push(answer))
    return { answers, cancel }
  }
}

export function responseIn<A extends Api>(api: A, version: number, answer: Answer | undefined): ResponseOf<A> {
  if (answer?.kind !== 'response') throw new Error(`no response but ${JSON.stringify(answer)}`)
  const { correlationId, response } = decodeResponseFrame(codecFor(api, version), answer.frame.subarray(SIZE_BYTES))
  if (correlationId !== CORRELATION_ID) throw new Error(`correlation id ${correlationId}`)
  return response
}
