import { codecFor, decodeResponseFrame, produce, type ResponseOf } from '@linger/protocol'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { BrokerNode } from '../cluster/broker-node.ts'
import type { NamedLeader } from '../cluster/metadata.ts'
import type { Exchange } from '../network/exchange.ts'
import { PartitionPositions } from './partition-positions.ts'
import { TOPIC_ID_VERSION } from './produce-request.ts'

export type ProduceResponse = ResponseOf<typeof produce>
export type PartitionAnswer = ProduceResponse['responses'][number]['partitionResponses'][number]
/** Where a leader is that an answer names. */
export type NodeEndpoint = ProduceResponse['nodeEndpoints'][number]

/** What happens to the batches of one Produce request. Each batch is answered, handed over or lost, once. */
export interface ProduceEvents {
  onAnswer(batch: ProducerBatch, answer: PartitionAnswer): void
  /**
   * The answer names who leads. Comes after it, so that a batch that goes again has its place in the queue, and need not
   * wait at the new leader.
   *
   * @param endpoints where the leaders are that the answer names
   */
  onLeaderNamed(partition: PartitionQueue, leader: NamedLeader, endpoints: readonly NodeEndpoint[]): void
  /** Handed to the kernel, and nobody will say more: acks 0. */
  onHandedOver(batch: ProducerBatch): void
  /** No answer: the connection ended, or the broker left the partition out. */
  onLost(batch: ProducerBatch, error: Error): void
  /** The broker has answered a request that left at `sentMs`, and may ask for a pause. Comes before what it says. */
  onAnswered(node: BrokerNode, sentMs: number, throttleTimeMs: number): void
}

/** A Produce request under way: brings its answer to the batches, and gives their buffers free at the end. */
export class ProduceExchange implements Exchange {
  readonly expectsResponse: boolean
  readonly #version: number
  readonly #batches: readonly ProducerBatch[]
  /** Batch by batch: a topic may be made anew, with another id, meanwhile. */
  readonly #topicIds: readonly (string | undefined)[]
  readonly #node: BrokerNode
  readonly #sentMs: number
  readonly #events: ProduceEvents

  constructor(
    version: number,
    acks: number,
    batches: readonly ProducerBatch[],
    node: BrokerNode,
    sentMs: number,
    events: ProduceEvents,
  ) {
    this.expectsResponse = acks !== 0
    this.#version = version
    this.#batches = batches
    this.#topicIds = batches.map(({ partition: { topic } }) => topic.id)
    this.#node = node
    this.#sentMs = sentMs
    this.#events = events
  }

  onWritten(): void {
    if (this.expectsResponse) return
    for (const batch of this.#batches) this.#events.onHandedOver(batch)
  }

  onResponse(frame: Uint8Array): void {
    const { response } = decodeResponseFrame(codecFor(produce, this.#version), frame)
    this.#events.onAnswered(this.#node, this.#sentMs, response.throttleTimeMs)

    const isById = this.#version >= TOPIC_ID_VERSION
    const positions = new PartitionPositions(
      this.#batches.map(({ partition: { topic, index } }, at) => {
        return { topicKey: isById ? this.#topicIds[at] : topic.name, index }
      }),
    )
    const unanswered: (ProducerBatch | undefined)[] = [...this.#batches]
    let next = 0
    for (const topic of response.responses) {
      const topicKey = isById ? topic.topicId : topic.name
      for (const answer of topic.partitionResponses) {
        const at = positions.find(next++, topicKey, answer.index)
        const batch = unanswered[at]
        if (batch === undefined) continue // not asked for, or answered twice
        unanswered[at] = undefined
        this.#events.onAnswer(batch, answer)
        // Who led the topic before it was made anew is no news of the new one, whose leader epochs are lower.
        const { partition } = batch
        if (answer.currentLeader.leaderId >= 0 && partition.topic.id === this.#topicIds[at])
          this.#events.onLeaderNamed(partition, { ...answer.currentLeader, isById }, response.nodeEndpoints)
      }
    }
    for (const batch of unanswered) {
      if (batch === undefined) continue
      this.#events.onLost(batch, new Error('the broker answered without a word on this partition'))
    }
  }

  onFailure(error: Error): void {
    for (const batch of this.#batches) this.#events.onLost(batch, error)
  }

  onReleased(): void {
    for (const batch of this.#batches) batch.onReleased()
  }
}
