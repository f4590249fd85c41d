import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * Metadata (API key 3) tells the brokers of the cluster and the leaders of partitions.
 *
 * @source Kafka 4.3.1 common/message/Metadata{Request,Response}.json
 */
export const metadata = {
  name: 'Metadata',
  apiKey: 3,
  versions: '4-13',
  flexible: '9+',
  request: {
    /** The topics to tell about: null for all of them, empty for none. */
    topics: {
      nullable: '0+',
      type: [
        {
          /** The topic id (KIP-516). */
          topicId: { type: 'uuid', versions: '10+', ignorable: true },
          /** The topic name. */
          name: { type: 'string', nullable: '10+' },
        },
      ],
    },
    /** The broker may create a topic that does not exist, if it is configured to. */
    allowAutoTopicCreation: { type: 'bool', default: true },
    /** Whether to include cluster authorized operations (KIP-430). */
    includeClusterAuthorizedOperations: { type: 'bool', versions: '8-10' },
    /** Whether to include topic authorized operations (KIP-430). */
    includeTopicAuthorizedOperations: { type: 'bool', versions: '8+' },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', ignorable: true },
    /** A list of brokers present in the cluster. */
    brokers: {
      type: [
        {
          /** The broker ID. */
          nodeId: { type: 'int32' },
          /** The broker hostname. */
          host: { type: 'string' },
          /** The broker port. */
          port: { type: 'int32' },
          /** The rack of the broker, or null if it has not been assigned to a rack (KIP-36). */
          rack: { type: 'string', nullable: '0+', default: null, ignorable: true },
        },
      ],
    },
    /** The cluster ID that responding broker belongs to (KIP-78). */
    clusterId: { type: 'string', nullable: '0+', default: null, ignorable: true },
    /** The ID of the controller broker. */
    controllerId: { type: 'int32', default: -1, ignorable: true },
    /** Each topic in the response. */
    topics: {
      type: [
        {
          /** The topic error, or 0 if there was no error. */
          errorCode: { type: 'int16' },
          /**
           * The topic name. Null for non-existing topics queried by ID. This is never null when ErrorCode is zero.
           * One of Name and TopicId is always populated.
           */
          name: { type: 'string', nullable: '12+' },
          /**
           * The topic id. Zero for non-existing topics queried by name. This is never zero when ErrorCode is zero.
           * One of Name and TopicId is always populated (KIP-516).
           */
          topicId: { type: 'uuid', versions: '10+', ignorable: true },
          /** True if the topic is internal. */
          isInternal: { type: 'bool', default: false, ignorable: true },
          /** Each partition in the topic. */
          partitions: {
            type: [
              {
                /** The partition error, or 0 if there was no error. */
                errorCode: { type: 'int16' },
                /** The partition index. */
                partitionIndex: { type: 'int32' },
                /** The ID of the leader broker. */
                leaderId: { type: 'int32' },
                /** The leader epoch of this partition (KIP-320). */
                leaderEpoch: { type: 'int32', versions: '7+', default: -1, ignorable: true },
                /** The set of all nodes that host this partition. */
                replicaNodes: { type: ['int32'] },
                /** The set of nodes that are in sync with the leader for this partition. */
                isrNodes: { type: ['int32'] },
                /** The set of offline replicas of this partition (KIP-112). */
                offlineReplicas: { type: ['int32'], versions: '5+', ignorable: true },
              },
            ],
          },
          /** 32-bit bitfield to represent authorized operations for this topic (KIP-430). */
          topicAuthorizedOperations: { type: 'int32', versions: '8+', default: -2147483648 },
        },
      ],
    },
    /** 32-bit bitfield to represent authorized operations for this cluster (KIP-430). */
    clusterAuthorizedOperations: { type: 'int32', versions: '8-10', default: -2147483648 },
    /** 129 REBOOTSTRAP_REQUIRED, or 0 (KIP-1102). */
    errorCode: { type: 'int16', versions: '13+', ignorable: true },
  },
} as const

metadata satisfies Api

export type MetadataRequest = RequestOf<typeof metadata>
export type MetadataResponse = ResponseOf<typeof metadata>
