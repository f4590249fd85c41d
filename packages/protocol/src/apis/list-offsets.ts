import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * ListOffsets (API key 2) finds offsets by timestamp, or the ends of a partition (-1: latest, -2: earliest). (KIP-79)
 *
 * @source Kafka 4.3.1 common/message/ListOffsets{Request,Response}.json
 */
export const listOffsets = {
  name: 'ListOffsets',
  apiKey: 2,
  versions: '1-11',
  flexible: '6+',
  request: {
    /** The broker ID of the requester, or -1 if this request is being made by a normal consumer. */
    replicaId: { type: 'int32' },
    /** 0: every record is visible. 1: only those of committed transactions, up to the last stable offset (KIP-98). */
    isolationLevel: { type: 'int8', versions: '2+' },
    /** Each topic in the request. */
    topics: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** Each partition in the request. */
          partitions: {
            type: [
              {
                /** The partition index. */
                partitionIndex: { type: 'int32' },
                /** The current leader epoch (KIP-320). */
                currentLeaderEpoch: { type: 'int32', versions: '4+', default: -1, ignorable: true },
                /** The current timestamp. */
                timestamp: { type: 'int64' },
              },
            ],
          },
        },
      ],
    },
    /**
     * The timeout to await a response in milliseconds for requests that require reading from remote storage for
     * topics enabled with tiered storage (KIP-1075).
     */
    timeoutMs: { type: 'int32', versions: '10+', ignorable: true },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', versions: '2+', ignorable: true },
    /** Each topic in the response. */
    topics: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** Each partition in the response. */
          partitions: {
            type: [
              {
                /** The partition index. */
                partitionIndex: { type: 'int32' },
                /** The partition error code, or 0 if there was no error. */
                errorCode: { type: 'int16' },
                /** The timestamp associated with the returned offset. */
                timestamp: { type: 'int64', default: -1n },
                /** The returned offset. */
                offset: { type: 'int64', default: -1n },
                /** The leader epoch associated with the returned offset (KIP-320). */
                leaderEpoch: { type: 'int32', versions: '4+', default: -1 },
              },
            ],
          },
        },
      ],
    },
  },
} as const

listOffsets satisfies Api

export type ListOffsetsRequest = RequestOf<typeof listOffsets>
export type ListOffsetsResponse = ResponseOf<typeof listOffsets>
