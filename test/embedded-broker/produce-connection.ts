import {
  type Api,
  codecFor,
  correlationIdOf,
  createTopics,
  decodeResponseFrame,
  encodeRequestFrame,
  FrameReader,
  metadata,
  produce,
  type RequestInput,
  type ResponseOf,
} from '@linger/protocol'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const TIMEOUT_MS = 30_000
const NOT_LEADER_OR_FOLLOWER = 6
/** Versions that every broker from 2.8 on speaks. */
const VERSIONS = { createTopics: 5, metadata: 9, produce: 9 }

/** The outcome of one Produce request with one batch. */
export interface Verdict {
  readonly errorCode: number
  readonly baseOffset: bigint
  /** Of the records that made the batch fail (KIP-467). */
  readonly batchIndexes: readonly number[]
}

/** One connection to a broker that sends what a producer never would. */
export class ProduceConnection {
  readonly #socket: Socket
  readonly #waiting = new Map<number, { answered(frame: Uint8Array): void; failed(error: Error): void }>()
  #correlationId = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    const frames = new FrameReader()
    socket.on('data', (chunk: Buffer) =>
      frames.push(chunk, (frame) => this.#waiting.get(correlationIdOf(frame))?.answered(Buffer.from(frame))),
    )
    socket.on('close', () => {
      for (const { failed } of this.#waiting.values()) failed(new Error('the broker closed the connection'))
    })
  }

  static async open(bootstrapServers: string): Promise<ProduceConnection> {
    const [host = '', port = ''] = bootstrapServers.split(':')
    const socket = connect(Number(port), host)
    await once(socket, 'connect')
    return new ProduceConnection(socket)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Creates a topic of one partition and returns when it has a leader. */
  async createTopic(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }))
    const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs }
    const created = await this.#ask(createTopics, VERSIONS.createTopics, { topics: [topic], timeoutMs: TIMEOUT_MS })
    const errorCode = created.topics[0]?.errorCode
    if (errorCode !== 0) throw new Error(`create ${name}: error ${errorCode}`)
    while (!(await this.#hasLeader(name))) continue
  }

  /** Asks again while the broker does not know yet that it leads the topic: metadata tells it a moment before. */
  async produce(topic: string, records: Uint8Array | null, acks: number): Promise<Verdict> {
    for (;;) {
      const verdict = await this.#produceOnce(topic, records, acks)
      if (verdict.errorCode !== NOT_LEADER_OR_FOLLOWER) return verdict
    }
  }

  async #produceOnce(topic: string, records: Uint8Array | null, acks: number): Promise<Verdict> {
    const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }]
    const response = await this.#ask(produce, VERSIONS.produce, { acks, timeoutMs: TIMEOUT_MS, topicData })
    const partition = response.responses[0]?.partitionResponses[0]
    if (partition === undefined) throw new Error('no partition in the response')
    const { errorCode, baseOffset, recordErrors } = partition
    return { errorCode, baseOffset, batchIndexes: recordErrors.map(({ batchIndex }) => batchIndex) }
  }

  async #hasLeader(name: string): Promise<boolean> {
    const { topics } = await this.#ask(metadata, VERSIONS.metadata, {
      topics: [{ name }],
      allowAutoTopicCreation: false,
    })
    return topics[0]?.errorCode === 0 && topics[0].partitions[0]?.errorCode === 0
  }

  #ask<A extends Api>(api: A, version: number, request: RequestInput<A>): Promise<ResponseOf<A>> {
    const correlationId = this.#correlationId++
    const codec = codecFor(api, version)
    return new Promise((resolve, reject) => {
      this.#waiting.set(correlationId, {
        answered: (frame) => resolve(decodeResponseFrame(codec, frame).response),
        failed: reject,
      })
      this.#socket.write(encodeRequestFrame(codec, correlationId, 'same-verdict', request))
    })
  }
}
