import type { ReceivedRequest } from './fault.ts'

/** Which requests a fault is for. What is not named may be anything. */
export interface FaultScope {
  /** Kafka's name of an API: 'Produce', 'Metadata'. */
  readonly api?: string
  readonly nodeId?: number
  readonly clientId?: string
  readonly topic?: string
  readonly partition?: number
}

/** Whether a topic-partition is meant: a request as a whole is about all its partitions. */
export type MatchesPartition = (topic: string | undefined, partition: number | undefined) => boolean

export function matches(scope: FaultScope, request: ReceivedRequest): boolean {
  const { api, nodeId, clientId, topic, partition } = scope
  if (api !== undefined && api !== request.apiName) return false
  if (nodeId !== undefined && nodeId !== request.nodeId) return false
  if (clientId !== undefined && clientId !== request.clientId) return false
  if (topic === undefined && partition === undefined) return true
  const isMeant = partitionsIn(scope)
  return request.topicPartitions.some(
    (one) => one.partitions?.some((index) => isMeant(one.topic, index)) ?? isMeant(one.topic, undefined),
  )
}

export function partitionsIn({ topic, partition }: FaultScope): MatchesPartition {
  return (name, index) =>
    (topic === undefined || topic === name) && (partition === undefined || index === undefined || partition === index)
}
