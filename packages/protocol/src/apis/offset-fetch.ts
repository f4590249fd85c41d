import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * OffsetFetch (API key 9) reads the committed offsets of groups.
 *
 * @source Kafka 4.3.1 common/message/OffsetFetch{Request,Response}.json
 */
export const offsetFetch = {
  name: 'OffsetFetch',
  apiKey: 9,
  versions: '1-10',
  flexible: '6+',
  request: {
    /** The group to fetch offsets for. */
    groupId: { type: 'string', versions: '0-7' },
    /** Each topic we would like to fetch offsets for, or null to fetch offsets for all topics. */
    topics: {
      versions: '0-7',
      nullable: '2-7',
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** The partition indexes we would like to fetch offsets for. */
          partitionIndexes: { type: ['int32'] },
        },
      ],
    },
    /** Each group we would like to fetch offsets for (KIP-709). */
    groups: {
      versions: '8+',
      type: [
        {
          /** The group ID. */
          groupId: { type: 'string' },
          /** The member id (KIP-848). */
          memberId: { type: 'string', versions: '9+', nullable: '9+', default: null, ignorable: true },
          /** The member epoch if using the new consumer protocol (KIP-848). */
          memberEpoch: { type: 'int32', versions: '9+', default: -1, ignorable: true },
          /** Each topic we would like to fetch offsets for, or null to fetch offsets for all topics. */
          topics: {
            nullable: '8+',
            type: [
              {
                /** The topic name. */
                name: { type: 'string', versions: '8-9', ignorable: true },
                /** The topic ID (KIP-516). */
                topicId: { type: 'uuid', versions: '10+', ignorable: true },
                /** The partition indexes we would like to fetch offsets for. */
                partitionIndexes: { type: ['int32'] },
              },
            ],
          },
        },
      ],
    },
    /** Whether offsets that an open transaction may change are answered with an error (KIP-447). */
    requireStable: { type: 'bool', versions: '7+', default: false },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', versions: '3+', ignorable: true },
    /** The responses per topic. */
    topics: {
      versions: '0-7',
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** The responses per partition. */
          partitions: {
            type: [
              {
                /** The partition index. */
                partitionIndex: { type: 'int32' },
                /** The committed message offset. */
                committedOffset: { type: 'int64' },
                /** The leader epoch (KIP-320). */
                committedLeaderEpoch: { type: 'int32', versions: '5-7', default: -1, ignorable: true },
                /** The partition metadata. */
                metadata: { type: 'string', nullable: '0-7' },
                /** The error code, or 0 if there was no error. */
                errorCode: { type: 'int16' },
              },
            ],
          },
        },
      ],
    },
    /** The top-level error code, or 0 if there was no error. */
    errorCode: { type: 'int16', versions: '2-7', default: 0, ignorable: true },
    /** The responses per group id (KIP-709). */
    groups: {
      versions: '8+',
      type: [
        {
          /** The group ID. */
          groupId: { type: 'string' },
          /** The responses per topic. */
          topics: {
            type: [
              {
                /** The topic name. */
                name: { type: 'string', versions: '8-9', ignorable: true },
                /** The topic ID (KIP-516). */
                topicId: { type: 'uuid', versions: '10+', ignorable: true },
                /** The responses per partition. */
                partitions: {
                  type: [
                    {
                      /** The partition index. */
                      partitionIndex: { type: 'int32' },
                      /** The committed message offset. */
                      committedOffset: { type: 'int64' },
                      /** The leader epoch. */
                      committedLeaderEpoch: { type: 'int32', default: -1, ignorable: true },
                      /** The partition metadata. */
                      metadata: { type: 'string', nullable: '8+' },
                      /** The partition-level error code, or 0 if there was no error. */
                      errorCode: { type: 'int16' },
                    },
                  ],
                },
              },
            ],
          },
          /** The group-level error code, or 0 if there was no error. */
          errorCode: { type: 'int16', default: 0 },
        },
      ],
    },
  },
} as const

offsetFetch satisfies Api

export type OffsetFetchRequest = RequestOf<typeof offsetFetch>
export type OffsetFetchResponse = ResponseOf<typeof offsetFetch>
