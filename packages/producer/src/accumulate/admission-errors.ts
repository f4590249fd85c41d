import { KafkaError } from '../errors.ts'
import type { Topic } from './topic.ts'
import type { WaitingRecord } from './waiting-record.ts'

export function recordTooLarge(topic: string, sizeBytes: number, maxRequestSize: number): KafkaError {
  return new KafkaError(
    'MESSAGE_TOO_LARGE',
    `${topic}: a record of ${sizeBytes} bytes as a batch is over maxRequestSize (${maxRequestSize}): make it smaller, or raise maxRequestSize and the topic's max.message.bytes`,
    { outcome: 'never' },
  )
}

export function unknownPartition(topic: Topic, partition: number): KafkaError {
  return new KafkaError(
    'INVALID_ARGUMENT',
    `${topic.name}: there is no partition ${partition}; the topic has 0 to ${topic.partitions.length - 1}`,
    { outcome: 'never' },
  )
}

export function metadataTimeout(topic: Topic, maxBlockMs: number): KafkaError {
  if (topic.lastError === 'UNKNOWN_TOPIC_OR_PARTITION') {
    return new KafkaError(
      'UNKNOWN_TOPIC_OR_PARTITION',
      `${topic.name}: the topic does not exist and did not appear within maxBlockMs (${maxBlockMs} ms): create it, for example with kafka-topics.sh --create --topic ${topic.name}, or let the brokers do so (auto.create.topics.enable, and allowAutoTopicCreation here)`,
      { outcome: 'never', retriable: true },
    )
  }
  const reason = topic.lastError === undefined ? 'no broker could be asked' : `the brokers say ${topic.lastError}`
  return new KafkaError(
    'METADATA_TIMEOUT',
    `${topic.name}: its partitions are not known after maxBlockMs (${maxBlockMs} ms): ${reason}`,
    { outcome: 'never', retriable: true },
  )
}

/** Nothing would be gained by waiting for room in order to wait. */
export function noRoomToHold(topic: Topic, sizeBytes: number, limitBytes: number): KafkaError {
  return new KafkaError(
    'BUFFER_EXHAUSTED',
    `${topic.name}: no room to hold back ${sizeBytes} bytes: bufferMemory (${limitBytes}) is full. A record with delayMs or deliverAt does not wait for room`,
    { outcome: 'never', retriable: true },
  )
}

export function bufferExhausted(record: WaitingRecord, maxBlockMs: number, limitBytes: number): KafkaError {
  return new KafkaError(
    'BUFFER_EXHAUSTED',
    `${record.topic.name}: no room for ${record.sizeBytes} bytes within maxBlockMs (${maxBlockMs} ms): the brokers take records more slowly than they are sent, and bufferMemory (${limitBytes}) is full`,
    { outcome: 'never', retriable: true },
  )
}
