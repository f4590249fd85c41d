import type { Message } from '../producer/message.ts'

/** What is known of a partition when one is chosen. */
export interface PartitionMetadata {
  partitionErrorCode: number
  partitionId: number
  /** The node id of its leader, -1 while it has none. */
  leader: number
  replicas: number[]
  isr: number[]
  offlineReplicas?: number[]
}

export interface PartitionerArgs {
  topic: string
  partitionMetadata: PartitionMetadata[]
  message: Message
}

/** Makes a partitioner, once per producer. It is asked for each message. */
export type ICustomPartitioner = () => (args: PartitionerArgs) => number
export type DefaultPartitioner = ICustomPartitioner
export type LegacyPartitioner = ICustomPartitioner
