import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * CreateTopics (API key 19) creates topics, at the controller. (KIP-4)
 *
 * @source Kafka 4.3.1 common/message/CreateTopics{Request,Response}.json
 */
export const createTopics = {
  name: 'CreateTopics',
  apiKey: 19,
  versions: '2-7',
  flexible: '5+',
  request: {
    /** The topics to create. */
    topics: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /**
           * The number of partitions to create in the topic, or -1 if we are either specifying a manual partition
           * assignment or using the default partitions.
           */
          numPartitions: { type: 'int32' },
          /**
           * The number of replicas to create for each partition in the topic, or -1 if we are either specifying a
           * manual partition assignment or using the default replication factor.
           */
          replicationFactor: { type: 'int16' },
          /** The manual partition assignment, or the empty array if we are using automatic assignment. */
          assignments: {
            type: [
              {
                /** The partition index. */
                partitionIndex: { type: 'int32' },
                /** The brokers to place the partition on. */
                brokerIds: { type: ['int32'] },
              },
            ],
          },
          /** The custom topic configurations to set. */
          configs: {
            type: [
              {
                /** The configuration name. */
                name: { type: 'string' },
                /** The configuration value. */
                value: { type: 'string', nullable: '0+' },
              },
            ],
          },
        },
      ],
    },
    /** How long to wait in milliseconds before timing out the request. */
    timeoutMs: { type: 'int32', default: 60000 },
    /** If true, check that the topics can be created as specified, but don't create anything. */
    validateOnly: { type: 'bool', default: false },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', ignorable: true },
    /** Results for each topic we tried to create. */
    topics: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** The unique topic ID (KIP-516). */
          topicId: { type: 'uuid', versions: '7+', ignorable: true },
          /** The error code, or 0 if there was no error. */
          errorCode: { type: 'int16' },
          /** The error message, or null if there was no error. */
          errorMessage: { type: 'string', nullable: '0+', ignorable: true },
          /** Optional topic config error returned if configs are not returned in the response (KIP-525). */
          topicConfigErrorCode: { type: 'int16', versions: '5+', tag: 0, ignorable: true },
          /** Number of partitions of the topic (KIP-525). */
          numPartitions: { type: 'int32', versions: '5+', default: -1, ignorable: true },
          /** Replication factor of the topic (KIP-525). */
          replicationFactor: { type: 'int16', versions: '5+', default: -1, ignorable: true },
          /** Configuration of the topic (KIP-525). */
          configs: {
            versions: '5+',
            nullable: '0+',
            ignorable: true,
            type: [
              {
                /** The configuration name. */
                name: { type: 'string' },
                /** The configuration value. */
                value: { type: 'string', nullable: '0+' },
                /** True if the configuration is read-only. */
                readOnly: { type: 'bool' },
                /** The configuration source. */
                configSource: { type: 'int8', default: -1, ignorable: true },
                /** True if this configuration is sensitive. */
                isSensitive: { type: 'bool' },
              },
            ],
          },
        },
      ],
    },
  },
} as const

createTopics satisfies Api

export type CreateTopicsRequest = RequestOf<typeof createTopics>
export type CreateTopicsResponse = ResponseOf<typeof createTopics>
