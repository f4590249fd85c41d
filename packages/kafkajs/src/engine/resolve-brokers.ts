import { KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import { KafkaJSConnectionError } from '../errors/network-errors.ts'
import type { KafkaConfig } from '../config/kafka-config.ts'

/**
 * The bootstrap servers, asked for at every attempt to connect.
 *
 * @returns rejects with KafkaJS's errors: what asks for them may fail now and answer later; what it answers may not be wrong
 */
export async function resolveBrokers(brokers: KafkaConfig['brokers']): Promise<readonly string[]> {
  const list: unknown = typeof brokers === 'function' ? await answerOf(brokers) : brokers
  if (!list) throw new KafkaJSNonRetriableError('Failed to connect: brokers should not be null')
  if (!Array.isArray(list)) throw new KafkaJSNonRetriableError('Failed to connect: brokers should be an array')
  if (list.length === 0) throw new KafkaJSNonRetriableError('Failed to connect: brokers array is empty')
  return list.map((broker: unknown, index) => {
    if (typeof broker === 'string' && broker !== '') return broker
    throw new KafkaJSNonRetriableError(`Failed to connect: broker at index ${index} is invalid "${typeof broker}"`)
  })
}

async function answerOf(brokers: () => string[] | Promise<string[]>): Promise<string[]> {
  try {
    return await brokers()
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown : new Error(String(thrown))
    throw new KafkaJSConnectionError(`Failed to connect: "config.brokers" threw: ${cause.message}`, { cause })
  }
}
