import { codecFor, decodeResponseFrame, produce, type ResponseOf } from '@linger/protocol'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { BrokerNode } from '../cluster/broker-node.ts'
import type { Exchange } from '../network/exchange.ts'

export type ProduceResponse = ResponseOf<typeof produce>
export type PartitionAnswer = ProduceResponse['responses'][number]['partitionResponses'][number]

/** What happens to the batches of one Produce request. Each batch gets exactly one of these. */
export interface ProduceEvents {
  onAnswer(batch: ProducerBatch, answer: PartitionAnswer): void
  /** Handed to the kernel, and nobody will say more: acks 0. */
  onHandedOver(batch: ProducerBatch): void
  /** No answer: the connection ended, or the broker left the partition out. */
  onLost(batch: ProducerBatch, error: Error): void
  /** The broker asks for a pause. */
  onThrottled(node: BrokerNode, throttleTimeMs: number): void
}

/** A Produce request under way: brings its answer to the batches, and gives their buffers free at the end. */
export class ProduceExchange implements Exchange {
  readonly expectsResponse: boolean
  readonly #version: number
  readonly #batches: readonly ProducerBatch[]
  readonly #node: BrokerNode
  readonly #events: ProduceEvents

  constructor(
    version: number,
    acks: number,
    batches: readonly ProducerBatch[],
    node: BrokerNode,
    events: ProduceEvents,
  ) {
    this.expectsResponse = acks !== 0
    this.#version = version
    this.#batches = batches
    this.#node = node
    this.#events = events
  }

  onWritten(): void {
    if (this.expectsResponse) return
    for (const batch of this.#batches) this.#events.onHandedOver(batch)
  }

  onResponse(frame: Uint8Array): void {
    const { response } = decodeResponseFrame(codecFor(produce, this.#version), frame)
    if (response.throttleTimeMs > 0) this.#events.onThrottled(this.#node, response.throttleTimeMs)

    const unanswered = new Set(this.#batches)
    let next = 0
    for (const topic of response.responses) {
      const topicKey = this.#version >= 13 ? topic.topicId : topic.name
      for (const answer of topic.partitionResponses) {
        // Brokers answer in the order of the request; should one not, the batch is looked for.
        let batch = this.#batches[next]
        if (batch === undefined || !this.#isFor(batch, topicKey, answer.index)) {
          batch = this.#batches.find((one) => this.#isFor(one, topicKey, answer.index))
        }
        next++
        if (batch !== undefined && unanswered.delete(batch)) this.#events.onAnswer(batch, answer)
      }
    }
    for (const batch of unanswered) {
      this.#events.onLost(batch, new Error('the broker answered without a word on this partition'))
    }
  }

  onFailure(error: Error): void {
    for (const batch of this.#batches) this.#events.onLost(batch, error)
  }

  onReleased(): void {
    for (const batch of this.#batches) batch.onReleased()
  }

  #isFor(batch: ProducerBatch, topicKey: string, index: number): boolean {
    const { topic, index: wanted } = batch.partition
    return wanted === index && (this.#version >= 13 ? topic.id : topic.name) === topicKey
  }
}
