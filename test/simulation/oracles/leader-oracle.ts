import { codecFor, decodeRequest, decodeResponseFrame, metadata, produce, type ResponseOf } from '@linger/protocol'
import type { ObservedConnection } from '../network/simulated-network.ts'
import type { ObservedRequest } from './answered-requests.ts'

/** Of Metadata. */
const TOPIC_ID_VERSION = 10

/** What one producer was told of one partition. */
interface Heard {
  /** The newest epoch that metadata told of. */
  epoch: number
  /** Whoever was said to lead in that epoch, or in a newer one. */
  readonly leaders: Map<number, number>
}

export interface LeaderOracleDeps {
  readonly nodeIdOf: (connection: ObservedConnection) => number
  readonly topicNameOf: (id: string) => string
  /** The word of what is newer does not count: the producer may begin again, or the topic was made anew. */
  readonly isExcused: (owner: number, topic: string) => boolean
  readonly violate: (what: string) => void
}

/** A producer believes who tells of the newest leader: batches never go back to a former one. */
export class LeaderOracle {
  readonly #deps: LeaderOracleDeps
  readonly #heard = new Map<string, Heard>()

  constructor(deps: LeaderOracleDeps) {
    this.#deps = deps
  }

  onRequest(connection: ObservedConnection, { apiKey, apiVersion, frame, bodyOffset }: ObservedRequest): void {
    if (apiKey !== produce.apiKey) return
    const { nodeIdOf, violate, isExcused } = this.#deps
    const nodeId = nodeIdOf(connection)
    if (nodeId < 0) return // the connection has ended, and the producer is about to hear of it
    const { topicData } = decodeRequest(codecFor<typeof produce>(produce, apiVersion), frame, bodyOffset)
    for (const { name, topicId, partitionData } of topicData) {
      const topic = apiVersion >= 13 ? this.#deps.topicNameOf(topicId) : name
      for (const { index } of partitionData) {
        const heard = this.#heard.get(`${connection.owner} ${topic}-${index}`)
        if (heard === undefined || heard.epoch < 0) continue
        if (heard.leaders.has(nodeId) || isExcused(connection.owner, topic)) continue
        const leaders = [...heard.leaders.keys()].join(' or ')
        violate(
          `producer ${connection.owner}: ${topic}-${index} goes to broker ${nodeId}, though ${leaders} leads since epoch ${heard.epoch}`,
        )
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
      for (const { partitionIndex, leaderId, leaderEpoch } of topic.partitions) {
        if (!listed.has(leaderId)) continue
        const heard = this.#of(owner, `${topic.name}-${partitionIndex}`)
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
      const name = version >= 13 ? this.#deps.topicNameOf(topic.topicId) : topic.name
      for (const { index, currentLeader } of topic.partitionResponses) {
        const heard = this.#of(owner, `${name}-${index}`)
        if (currentLeader.leaderId >= 0 && currentLeader.leaderEpoch >= heard.epoch)
          heard.leaders.set(currentLeader.leaderId, currentLeader.leaderEpoch)
      }
    }
  }

  #of(owner: number, place: string): Heard {
    const name = `${owner} ${place}`
    let heard = this.#heard.get(name)
    if (heard === undefined) {
      heard = { epoch: -1, leaders: new Map() }
      this.#heard.set(name, heard)
    }
    return heard
  }
}
