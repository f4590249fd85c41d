import { ZERO_UUID, type metadata, type ResponseOf } from '@linger/protocol'
import type { Topic } from '../accumulate/topic.ts'

type TopicAnswer = ResponseOf<typeof metadata>['topics'][number]

/** What is known of a topic, as a broker would say it. */
export function answerFrom(topic: Topic): TopicAnswer {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id ?? ZERO_UUID,
    isInternal: false,
    partitions: topic.partitions.map(({ index, leader, leaderEpoch, replicas }) => ({
      errorCode: 0,
      partitionIndex: index,
      leaderId: leader?.id ?? -1,
      leaderEpoch,
      replicaNodes: [...replicas.replicas],
      isrNodes: [...replicas.inSyncReplicas],
      offlineReplicas: [...replicas.offlineReplicas],
    })),
    topicAuthorizedOperations: NOT_ASKED_FOR,
  }
}

const NOT_ASKED_FOR = -(2 ** 31)
