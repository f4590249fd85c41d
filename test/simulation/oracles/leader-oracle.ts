import { codecFor, decodeRequest, decodeResponseFrame, metadata, produce, type ResponseOf } from '@linger/protocol'
import type { ObservedConnection } from '../network/simulated-network.ts'
import type { ObservedRequest } from './answered-requests.ts'

/** Of Metadata. */
const TOPIC_ID_VERSION = 10
/** Of Produce. */
const TOPIC_IDS_ONLY_VERSION = 13

/** What one producer was told of one partition. */
interface Heard {
  /** The newest epoch that metadata told of. */
  epoch: number
  /** Whoever was said to lead in that epoch, or in a newer one. */
  readonly leaders: Map<number, number>
}

/** What one producer was told of one topic. Under another id leader epochs begin anew. */
interface HeardTopic {
  id: string | undefined
  readonly partitions: Map<number, Heard>
}

export interface LeaderOracleDeps {
  readonly nodeIdOf: (connection: ObservedConnection) => number
  readonly topicNameOf: (id: string) => string
  /** A producer that may begin again from its bootstrap servers believes whoever answers there. */
  readonly mayBeginAgain: (owner: number) => boolean
  readonly violate: (what: string) => void
}

/**
 * A producer believes who tells of the newest leader: batches never go back to a former one, nor to a partition that their
 * topic does not have.
 */
export class LeaderOracle {
  readonly #deps: LeaderOracleDeps
  /** By producer and topic. */
  readonly #topics = new Map<string, HeardTopic>()

  constructor(deps: LeaderOracleDeps) {
    this.#deps = deps
  }

  onRequest(connection: ObservedConnection, { apiKey, apiVersion, frame, bodyOffset }: ObservedRequest): void {
    if (apiKey !== produce.apiKey) return
    const { nodeIdOf, violate, mayBeginAgain } = this.#deps
    const nodeId = nodeIdOf(connection)
    const hasEnded = nodeId < 0 // and the producer is about to hear of it
    if (hasEnded || mayBeginAgain(connection.owner)) return
    const { topicData } = decodeRequest(codecFor<typeof produce>(produce, apiVersion), frame, bodyOffset)
    for (const { name, topicId, partitionData } of topicData) {
      const topic = apiVersion >= TOPIC_IDS_ONLY_VERSION ? this.#deps.topicNameOf(topicId) : name
      const { id, partitions } = this.#topicOf(connection.owner, topic)
      for (const { index } of partitionData) {
        const heard = partitions.get(index)
        const about = `producer ${connection.owner}: ${topic}-${index} goes to broker ${nodeId}`
        if (heard === undefined && topicId === id) violate(`${about}, though there is no such partition`)
        if (heard === undefined || heard.epoch < 0 || heard.leaders.has(nodeId)) continue
        violate(`${about}, though ${[...heard.leaders.keys()].join(' or ')} leads since epoch ${heard.epoch}`)
      }
    }
  }

  onAnswer({ owner }: ObservedConnection, { apiKey, apiVersion }: ObservedRequest, frame: Uint8Array): void {
    // Without topic ids an older epoch may be that of a topic that was made anew.
    if (apiKey === metadata.apiKey && apiVersion >= TOPIC_ID_VERSION)
      this.#onMetadata(owner, decodeResponseFrame(codecFor<typeof metadata>(metadata, apiVersion), frame).response)
    if (apiKey === produce.apiKey)
      this.#onProduced(
        owner,
        apiVersion,
        decodeResponseFrame(codecFor<typeof produce>(produce, apiVersion), frame).response,
      )
  }

  #onMetadata(owner: number, { errorCode, brokers, topics }: ResponseOf<typeof metadata>): void {
    if (errorCode !== 0 || brokers.length === 0) return
    const listed = new Set(brokers.map(({ nodeId }) => nodeId))
    for (const topic of topics) {
      if (topic.errorCode !== 0 || topic.name === null) continue
      const known = this.#topicOf(owner, topic.name)
      if (topic.topicId !== known.id) known.partitions.clear()
      known.id = topic.topicId
      for (const { partitionIndex, leaderId, leaderEpoch } of topic.partitions) {
        const heard = known.partitions.get(partitionIndex) ?? { epoch: -1, leaders: new Map<number, number>() }
        known.partitions.set(partitionIndex, heard)
        if (!listed.has(leaderId)) continue
        if (leaderEpoch < heard.epoch) continue
        heard.epoch = leaderEpoch
        heard.leaders.set(leaderId, Math.max(leaderEpoch, heard.leaders.get(leaderId) ?? -1))
        for (const [id, epoch] of heard.leaders) if (epoch < leaderEpoch) heard.leaders.delete(id)
      }
    }
  }

  /** A refusal may name the leader too, but one that the producer cannot reach is of no use to it. */
  #onProduced(owner: number, version: number, { responses }: ResponseOf<typeof produce>): void {
    for (const topic of responses) {
      const isNamed = version < TOPIC_IDS_ONLY_VERSION
      const known = this.#topicOf(owner, isNamed ? topic.name : this.#deps.topicNameOf(topic.topicId))
      if (!isNamed && topic.topicId !== known.id) continue // news of a topic that was made anew since
      for (const { index, currentLeader } of topic.partitionResponses) {
        const heard = known.partitions.get(index)
        if (heard !== undefined && currentLeader.leaderId >= 0 && currentLeader.leaderEpoch >= heard.epoch)
          heard.leaders.set(currentLeader.leaderId, currentLeader.leaderEpoch)
      }
    }
  }

  #topicOf(owner: number, name: string): HeardTopic {
    const key = `${owner} ${name}`
    const known = this.#topics.get(key) ?? { id: undefined, partitions: new Map<number, Heard>() }
    this.#topics.set(key, known)
    return known
  }
}
