import { KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import type { TopicMessages } from './message.ts'

/**
 * Refuses what KafkaJS refuses before it sends anything, in its order and with its sentences.
 *
 * @throws KafkaJSNonRetriableError
 */
export function checkBatch(acks: number, topicMessages: readonly TopicMessages[], isIdempotent: boolean): void {
  if (topicMessages.some(({ topic }) => !topic)) throw new KafkaJSNonRetriableError('Invalid topic')
  if (isIdempotent && acks !== -1) {
    throw new KafkaJSNonRetriableError(
      "Not requiring ack for all messages invalidates the idempotent producer's EoS guarantees",
    )
  }
  for (const { topic, messages } of topicMessages) {
    const given: unknown = messages
    if (!given) throw new KafkaJSNonRetriableError(`Invalid messages array [${String(given)}] for topic "${topic}"`)
    const withoutValue = messages.find(({ value }: { readonly value: unknown }) => value === undefined)
    if (withoutValue) {
      throw new KafkaJSNonRetriableError(
        `Invalid message without value for topic "${topic}": ${JSON.stringify(withoutValue)}`,
      )
    }
  }
}

/** One entry for each topic, in the order in which they are named first. */
export function mergedByTopic(topicMessages: readonly TopicMessages[]): readonly TopicMessages[] {
  if (topicMessages.length < 2) return topicMessages
  const merged = new Map<string, TopicMessages>()
  for (const { topic, messages } of topicMessages) {
    const earlier = merged.get(topic)
    merged.set(topic, { topic, messages: earlier === undefined ? messages : [...earlier.messages, ...messages] })
  }
  return [...merged.values()]
}
