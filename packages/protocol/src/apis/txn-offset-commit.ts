import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * TxnOffsetCommit (API key 28) commits the offsets of a group as part of a transaction. (KIP-98)
 *
 * @source Kafka 4.3.1 common/message/TxnOffsetCommit{Request,Response}.json
 */
export const txnOffsetCommit = {
  name: 'TxnOffsetCommit',
  apiKey: 28,
  versions: '0-5',
  flexible: '3+',
  request: {
    /** The ID of the transaction. */
    transactionalId: { type: 'string' },
    /** The ID of the group. */
    groupId: { type: 'string' },
    /** The current producer ID in use by the transactional ID. */
    producerId: { type: 'int64' },
    /** The current epoch associated with the producer ID. */
    producerEpoch: { type: 'int16' },
    /** The generation of the consumer (KIP-447). */
    generationId: { type: 'int32', versions: '3+', default: -1 },
    /** The member ID assigned by the group coordinator (KIP-447). */
    memberId: { type: 'string', versions: '3+', default: '' },
    /** The unique identifier of the consumer instance provided by end user (KIP-447). */
    groupInstanceId: { type: 'string', versions: '3+', nullable: '0+', default: null },
    /** Each topic that we want to commit offsets for. */
    topics: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** The partitions inside the topic that we want to commit offsets for. */
          partitions: {
            type: [
              {
                /** The index of the partition within the topic. */
                partitionIndex: { type: 'int32' },
                /** The message offset to be committed. */
                committedOffset: { type: 'int64' },
                /** The leader epoch of the last consumed record (KIP-320). */
                committedLeaderEpoch: { type: 'int32', versions: '2+', default: -1, ignorable: true },
                /** Any associated metadata the client wants to keep. */
                committedMetadata: { type: 'string', nullable: '0+' },
              },
            ],
          },
        },
      ],
    },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The responses for each topic. */
    topics: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** The responses for each partition in the topic. */
          partitions: {
            type: [
              {
                /** The partition index. */
                partitionIndex: { type: 'int32' },
                /** The error code, or 0 if there was no error. */
                errorCode: { type: 'int16' },
              },
            ],
          },
        },
      ],
    },
  },
} as const

txnOffsetCommit satisfies Api

export type TxnOffsetCommitRequest = RequestOf<typeof txnOffsetCommit>
export type TxnOffsetCommitResponse = ResponseOf<typeof txnOffsetCommit>
