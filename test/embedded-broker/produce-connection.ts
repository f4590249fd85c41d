import { createTopics, metadata, produce } from '@linger/protocol'
import { BrokerWire } from './broker-wire.ts'

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
  readonly hasMessage: boolean
  readonly logStartOffset: bigint
}

/** One connection to a broker that sends what a producer never would. */
export class ProduceConnection {
  readonly wire: BrokerWire

  private constructor(wire: BrokerWire) {
    this.wire = wire
  }

  static async open(bootstrapServers: string): Promise<ProduceConnection> {
    return new ProduceConnection(await BrokerWire.open(bootstrapServers))
  }

  close(): void {
    this.wire.close()
  }

  /** Creates a topic of one partition and returns when it has a leader. */
  async createTopic(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }))
    const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs }
    const created = await this.wire.ask(createTopics, VERSIONS.createTopics, {
      topics: [topic],
      timeoutMs: TIMEOUT_MS,
    })
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
    const response = await this.wire.ask(produce, VERSIONS.produce, { acks, timeoutMs: TIMEOUT_MS, topicData })
    const partition = response.responses[0]?.partitionResponses[0]
    if (partition === undefined) throw new Error('no partition in the response')
    const { errorCode, baseOffset, recordErrors, errorMessage, logStartOffset } = partition
    const batchIndexes = recordErrors.map(({ batchIndex }) => batchIndex)
    return { errorCode, baseOffset, batchIndexes, hasMessage: errorMessage !== null, logStartOffset }
  }

  async #hasLeader(name: string): Promise<boolean> {
    const { topics } = await this.wire.ask(metadata, VERSIONS.metadata, {
      topics: [{ name }],
      allowAutoTopicCreation: false,
    })
    return topics[0]?.errorCode === 0 && topics[0].partitions[0]?.errorCode === 0
  }
}
