import {
  addPartitionsToTxn,
  type Api,
  codecFor,
  decodeRequest,
  fetch,
  listOffsets,
  metadata,
  produce,
  txnOffsetCommit,
} from '@linger/protocol'
import type { TopicPartitions } from './fault.ts'

/** The name behind a topic id. */
export type TopicNames = (topicId: string) => string | undefined

/** What a request is about, as far as it names topics and partitions. */
export function namedPartitions(
  api: Api,
  version: number,
  frame: Uint8Array,
  bodyOffset: number,
  nameOf: TopicNames,
): TopicPartitions[] {
  switch (api) {
    case produce: {
      const { topicData } = decodeRequest(codecFor(produce, version), frame, bodyOffset)
      return topicData.map(({ name, topicId, partitionData }) => ({
        topic: name === '' ? nameOf(topicId) : name,
        partitions: partitionData.map(({ index }) => index),
      }))
    }
    case metadata: {
      const { topics } = decodeRequest(codecFor(metadata, version), frame, bodyOffset)
      return (topics ?? []).map(({ name, topicId }) => ({ topic: name ?? nameOf(topicId), partitions: undefined }))
    }
    case fetch: {
      const { topics } = decodeRequest(codecFor(fetch, version), frame, bodyOffset)
      return topics.map(({ topic, topicId, partitions }) => ({
        topic: topic === '' ? nameOf(topicId) : topic,
        partitions: partitions.map(({ partition }) => partition),
      }))
    }
    case listOffsets: {
      const { topics } = decodeRequest(codecFor(listOffsets, version), frame, bodyOffset)
      return topics.map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ partitionIndex }) => partitionIndex),
      }))
    }
    case addPartitionsToTxn: {
      const { v3AndBelowTopics } = decodeRequest(codecFor(addPartitionsToTxn, version), frame, bodyOffset)
      return v3AndBelowTopics.map(({ name, partitions }) => ({ topic: name, partitions }))
    }
    case txnOffsetCommit: {
      const { topics } = decodeRequest(codecFor(txnOffsetCommit, version), frame, bodyOffset)
      return topics.map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ partitionIndex }) => partitionIndex),
      }))
    }
    default:
      return []
  }
}
