import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * Fetch (API key 1) reads record batches, in byte ranges of the log.
 *
 * @source Kafka 4.3.1 common/message/Fetch{Request,Response}.json
 */
export const fetch = {
  name: 'Fetch',
  apiKey: 1,
  versions: '4-18',
  flexible: '12+',
  request: {
    /** The clusterId if known. This is used to validate metadata fetches prior to broker registration (KIP-595). */
    clusterId: { type: 'string', versions: '12+', tag: 0, nullable: '0+', default: null, ignorable: true },
    /** The broker ID of the follower, of -1 if this request is from a consumer. */
    replicaId: { type: 'int32', versions: '0-14', default: -1 },
    /** The state of the replica in the follower (KIP-903). */
    replicaState: {
      versions: '15+',
      tag: 1,
      type: {
        /** The replica ID of the follower, or -1 if this request is from a consumer. */
        replicaId: { type: 'int32', default: -1 },
        /** The epoch of this follower, or -1 if not available. */
        replicaEpoch: { type: 'int64', default: -1n },
      },
    },
    /** The maximum time in milliseconds to wait for the response. */
    maxWaitMs: { type: 'int32' },
    /** The minimum bytes to accumulate in the response. */
    minBytes: { type: 'int32' },
    /** The maximum bytes to fetch. See KIP-74 for cases where this limit may not be honored. */
    maxBytes: { type: 'int32', default: 0x7fff_ffff, ignorable: true },
    /** 0: every record is visible. 1: only those of committed transactions, up to the last stable offset (KIP-98). */
    isolationLevel: { type: 'int8', default: 0, ignorable: true },
    /** The fetch session ID (KIP-227). */
    sessionId: { type: 'int32', versions: '7+', default: 0, ignorable: true },
    /** The fetch session epoch, which is used for ordering requests in a session (KIP-227). */
    sessionEpoch: { type: 'int32', versions: '7+', default: -1, ignorable: true },
    /** The topics to fetch. */
    topics: {
      type: [
        {
          /** The name of the topic to fetch. */
          topic: { type: 'string', versions: '0-12', ignorable: true },
          /** The unique topic ID (KIP-516). */
          topicId: { type: 'uuid', versions: '13+', ignorable: true },
          /** The partitions to fetch. */
          partitions: {
            type: [
              {
                /** The partition index. */
                partition: { type: 'int32' },
                /** The current leader epoch of the partition (KIP-320). */
                currentLeaderEpoch: { type: 'int32', versions: '9+', default: -1, ignorable: true },
                /** The message offset. */
                fetchOffset: { type: 'int64' },
                /** The epoch of the last fetched record or -1 if there is none (KIP-595). */
                lastFetchedEpoch: { type: 'int32', versions: '12+', default: -1 },
                /**
                 * The earliest available offset of the follower replica. The field is only used when the request is
                 * sent by the follower (KIP-107).
                 */
                logStartOffset: { type: 'int64', versions: '5+', default: -1n, ignorable: true },
                /**
                 * The maximum bytes to fetch from this partition. See KIP-74 for cases where this limit may not be
                 * honored.
                 */
                partitionMaxBytes: { type: 'int32' },
                /** The directory id of the follower fetching (KIP-853). */
                replicaDirectoryId: { type: 'uuid', versions: '17+', tag: 0, ignorable: true },
                /**
                 * The high-watermark known by the replica. -1 if the high-watermark is not known and
                 * 9223372036854775807 if the feature is not supported (KIP-1166).
                 */
                highWatermark: {
                  type: 'int64',
                  versions: '18+',
                  tag: 1,
                  default: 0x7fff_ffff_ffff_ffffn,
                  ignorable: true,
                },
              },
            ],
          },
        },
      ],
    },
    /** In an incremental fetch request, the partitions to remove (KIP-227). */
    forgottenTopicsData: {
      versions: '7+',
      type: [
        {
          /** The topic name. */
          topic: { type: 'string', versions: '7-12', ignorable: true },
          /** The unique topic ID (KIP-516). */
          topicId: { type: 'uuid', versions: '13+', ignorable: true },
          /** The partitions indexes to forget. */
          partitions: { type: ['int32'] },
        },
      ],
    },
    /** Rack ID of the consumer making this request (KIP-392). */
    rackId: { type: 'string', versions: '11+', default: '', ignorable: true },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', ignorable: true },
    /** The top level response error code. */
    errorCode: { type: 'int16', versions: '7+', ignorable: true },
    /** The fetch session ID, or 0 if this is not part of a fetch session (KIP-227). */
    sessionId: { type: 'int32', versions: '7+', default: 0 },
    /** The response topics. */
    responses: {
      type: [
        {
          /** The topic name. */
          topic: { type: 'string', versions: '0-12', ignorable: true },
          /** The unique topic ID (KIP-516). */
          topicId: { type: 'uuid', versions: '13+', ignorable: true },
          /** The topic partitions. */
          partitions: {
            type: [
              {
                /** The partition index. */
                partitionIndex: { type: 'int32' },
                /** The error code, or 0 if there was no fetch error. */
                errorCode: { type: 'int16' },
                /** The current high water mark. */
                highWatermark: { type: 'int64' },
                /** The last stable offset (or LSO) of the partition (KIP-98). */
                lastStableOffset: { type: 'int64', default: -1n, ignorable: true },
                /** The current log start offset (KIP-107). */
                logStartOffset: { type: 'int64', versions: '5+', default: -1n, ignorable: true },
                /**
                 * In case divergence is detected based on the `LastFetchedEpoch` and `FetchOffset` in the request,
                 * this field indicates the largest epoch and its end offset such that subsequent records are known to
                 * diverge (KIP-595).
                 */
                divergingEpoch: {
                  versions: '12+',
                  tag: 0,
                  type: {
                    /** The largest epoch. */
                    epoch: { type: 'int32', default: -1 },
                    /** The end offset of the epoch. */
                    endOffset: { type: 'int64', default: -1n },
                  },
                },
                /** The current leader of the partition (KIP-595). */
                currentLeader: {
                  versions: '12+',
                  tag: 1,
                  type: {
                    /** The ID of the current leader or -1 if the leader is unknown. */
                    leaderId: { type: 'int32', default: -1 },
                    /** The latest known leader epoch. */
                    leaderEpoch: { type: 'int32', default: -1 },
                  },
                },
                /**
                 * In the case of fetching an offset less than the LogStartOffset, this is the end offset and epoch
                 * that should be used in the FetchSnapshot request (KIP-630).
                 */
                snapshotId: {
                  versions: '12+',
                  tag: 2,
                  type: {
                    /** The end offset of the epoch. */
                    endOffset: { type: 'int64', default: -1n },
                    /** The largest epoch. */
                    epoch: { type: 'int32', default: -1 },
                  },
                },
                /** The aborted transactions (KIP-98). */
                abortedTransactions: {
                  nullable: '0+',
                  ignorable: true,
                  type: [
                    {
                      /** The producer id associated with the aborted transaction. */
                      producerId: { type: 'int64' },
                      /** The first offset in the aborted transaction. */
                      firstOffset: { type: 'int64' },
                    },
                  ],
                },
                /** The preferred read replica for the consumer to use on its next fetch request (KIP-392). */
                preferredReadReplica: { type: 'int32', versions: '11+', default: -1 },
                /** The record data. */
                records: { type: 'records', nullable: '0+' },
              },
            ],
          },
        },
      ],
    },
    /**
     * Endpoints for all current-leaders enumerated in PartitionData, with errors NOT_LEADER_OR_FOLLOWER &
     * FENCED_LEADER_EPOCH (KIP-951).
     */
    nodeEndpoints: {
      versions: '16+',
      tag: 0,
      type: [
        {
          /** The ID of the associated node. */
          nodeId: { type: 'int32' },
          /** The node's hostname. */
          host: { type: 'string' },
          /** The node's port. */
          port: { type: 'int32' },
          /** The rack of the node, or null if it has not been assigned to a rack. */
          rack: { type: 'string', nullable: '0+', default: null },
        },
      ],
    },
  },
} as const

fetch satisfies Api

export type FetchRequest = RequestOf<typeof fetch>
export type FetchResponse = ResponseOf<typeof fetch>
