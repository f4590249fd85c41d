import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * Produce (API key 0) appends record batches to partitions. Version 13 names topics by id; version 12 and up join a
 * transaction by themselves.
 *
 * @source Kafka 4.3.1 common/message/Produce{Request,Response}.json
 */
export const produce = {
  name: 'Produce',
  apiKey: 0,
  versions: '3-13',
  flexible: '9+',
  request: {
    /** The transactional ID, or null if the producer is not transactional (KIP-98). */
    transactionalId: { type: 'string', nullable: '0+', default: null },
    /** Who must have the records before the answer: 0 nobody (there is none), 1 the leader, -1 all in-sync replicas. */
    acks: { type: 'int16' },
    /** How long the leader may wait for the in-sync replicas. */
    timeoutMs: { type: 'int32' },
    /** Each topic to produce to. */
    topicData: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string', versions: '0-12', ignorable: true },
          /** The unique topic ID (KIP-516). */
          topicId: { type: 'uuid', versions: '13+', ignorable: true },
          /** Each partition to produce to. */
          partitionData: {
            type: [
              {
                /** The partition index. */
                index: { type: 'int32' },
                /** One record batch: brokers refuse several. */
                records: { type: 'records', nullable: '0+' },
              },
            ],
          },
        },
      ],
    },
  },
  response: {
    /** Each produce response. */
    responses: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string', versions: '0-12', ignorable: true },
          /** The unique topic ID (KIP-516). */
          topicId: { type: 'uuid', versions: '13+', ignorable: true },
          /** Each partition that we produced to within the topic. */
          partitionResponses: {
            type: [
              {
                /** The partition index. */
                index: { type: 'int32' },
                /** The error code, or 0 if there was no error. */
                errorCode: { type: 'int16' },
                /** The offset of the first record. -1 on an error, and for a duplicate whose offset is forgotten. */
                baseOffset: { type: 'int64' },
                /** When the broker appended the batch, or -1 if the topic keeps the time of the records (KIP-32). */
                logAppendTimeMs: { type: 'int64', default: -1n, ignorable: true },
                /** The first offset that is still in the log: it tells lost records from deleted ones. */
                logStartOffset: { type: 'int64', versions: '5+', default: -1n, ignorable: true },
                /** The batch indices of records that caused the batch to be dropped (KIP-467). */
                recordErrors: {
                  versions: '8+',
                  ignorable: true,
                  type: [
                    {
                      /** The batch index of the record that caused the batch to be dropped. */
                      batchIndex: { type: 'int32' },
                      /** The error message of the record that caused the batch to be dropped. */
                      batchIndexErrorMessage: { type: 'string', nullable: '0+', default: null },
                    },
                  ],
                },
                /**
                 * The global error message summarizing the common root cause of the records that caused the batch to
                 * be dropped.
                 */
                errorMessage: { type: 'string', versions: '8+', nullable: '0+', default: null, ignorable: true },
                /** The leader broker that the producer should use for future requests (KIP-951). */
                currentLeader: {
                  versions: '10+',
                  tag: 0,
                  type: {
                    /** The ID of the current leader or -1 if the leader is unknown. */
                    leaderId: { type: 'int32', default: -1 },
                    /** The latest known leader epoch. */
                    leaderEpoch: { type: 'int32', default: -1 },
                  },
                },
              },
            ],
          },
        },
      ],
    },
    /** How long a quota held the request back, or 0 (KIP-13). */
    throttleTimeMs: { type: 'int32', default: 0, ignorable: true },
    /**
     * Endpoints for all current-leaders enumerated in PartitionProduceResponses, with errors NOT_LEADER_OR_FOLLOWER
     * (KIP-951).
     */
    nodeEndpoints: {
      versions: '10+',
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

produce satisfies Api

export type ProduceRequest = RequestOf<typeof produce>
export type ProduceResponse = ResponseOf<typeof produce>
