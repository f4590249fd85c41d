import { KafkaJSNotImplemented } from '../errors/kafkajs-error.ts'
import type { PartitionOffset } from '../transaction/offsets.ts'
import type { AclEntry, AclFilter, DeleteAclResponse, DescribeAclResponse } from './acls.ts'
import type { DescribeConfigResponse, IResourceConfig, ResourceConfigQuery } from './configs.ts'
import type { DeleteGroupsResult, FetchOffsetsPartition, GroupDescriptions, GroupOverview } from './groups.ts'
import type {
  ITopicPartitionConfig,
  ListPartitionReassignmentsResponse,
  PartitionReassignment,
  TopicPartitions,
} from './reassignments.ts'

/** What KafkaJS's admin does beside topics. All of it rejects with KafkaJSNotImplemented here. */
export interface KeptByKafkaJs {
  createPartitions(options: {
    validateOnly?: boolean
    timeout?: number
    topicPartitions: ITopicPartitionConfig[]
  }): Promise<boolean>
  fetchOffsets(options: {
    groupId: string
    topics?: string[]
    resolveOffsets?: boolean
  }): Promise<{ topic: string; partitions: FetchOffsetsPartition[] }[]>
  fetchTopicOffsetsByTimestamp(topic: string, timestamp?: number): Promise<PartitionOffset[]>
  describeCluster(): Promise<{
    brokers: { nodeId: number; host: string; port: number }[]
    controller: number | null
    clusterId: string
  }>
  setOffsets(options: { groupId: string; topic: string; partitions: PartitionOffset[] }): Promise<void>
  resetOffsets(options: { groupId: string; topic: string; earliest: boolean }): Promise<void>
  describeConfigs(configs: {
    resources: ResourceConfigQuery[]
    includeSynonyms: boolean
  }): Promise<DescribeConfigResponse>
  alterConfigs(configs: { validateOnly: boolean; resources: IResourceConfig[] }): Promise<unknown>
  listGroups(): Promise<{ groups: GroupOverview[] }>
  deleteGroups(groupIds: string[]): Promise<DeleteGroupsResult[]>
  describeGroups(groupIds: string[]): Promise<GroupDescriptions>
  describeAcls(options: AclFilter): Promise<DescribeAclResponse>
  deleteAcls(options: { filters: AclFilter[] }): Promise<DeleteAclResponse>
  createAcls(options: { acl: AclEntry[] }): Promise<boolean>
  deleteTopicRecords(options: { topic: string; partitions: PartitionOffset[] }): Promise<void>
  alterPartitionReassignments(request: { topics: PartitionReassignment[]; timeout?: number }): Promise<void>
  listPartitionReassignments(request: {
    topics?: TopicPartitions[]
    timeout?: number
  }): Promise<ListPartitionReassignmentsResponse>
}

function refusalOf(method: string): () => Promise<never> {
  return async () => {
    throw new KafkaJSNotImplemented(
      `@linger/kafkajs has no ${method}(): keep kafkajs for it, both work side by side in one process`,
    )
  }
}

export const keptByKafkaJs: KeptByKafkaJs = {
  createPartitions: refusalOf('createPartitions'),
  fetchOffsets: refusalOf('fetchOffsets'),
  fetchTopicOffsetsByTimestamp: refusalOf('fetchTopicOffsetsByTimestamp'),
  describeCluster: refusalOf('describeCluster'),
  setOffsets: refusalOf('setOffsets'),
  resetOffsets: refusalOf('resetOffsets'),
  describeConfigs: refusalOf('describeConfigs'),
  alterConfigs: refusalOf('alterConfigs'),
  listGroups: refusalOf('listGroups'),
  deleteGroups: refusalOf('deleteGroups'),
  describeGroups: refusalOf('describeGroups'),
  describeAcls: refusalOf('describeAcls'),
  deleteAcls: refusalOf('deleteAcls'),
  createAcls: refusalOf('createAcls'),
  deleteTopicRecords: refusalOf('deleteTopicRecords'),
  alterPartitionReassignments: refusalOf('alterPartitionReassignments'),
  listPartitionReassignments: refusalOf('listPartitionReassignments'),
}
