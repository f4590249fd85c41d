import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * AddPartitionsToTxn (API key 24) enrols partitions in a transaction before they are written to. Version 4 and up are
 * for brokers. (KIP-98)
 *
 * @source Kafka 4.3.1 common/message/AddPartitionsToTxn{Request,Response}.json
 */
export const addPartitionsToTxn = {
  name: 'AddPartitionsToTxn',
  apiKey: 24,
  versions: '0-3',
  flexible: '3+',
  request: {
    /** The transactional id corresponding to the transaction. */
    v3AndBelowTransactionalId: { type: 'string' },
    /** Current producer id in use by the transactional id. */
    v3AndBelowProducerId: { type: 'int64' },
    /** Current epoch associated with the producer id. */
    v3AndBelowProducerEpoch: { type: 'int16' },
    /** The partitions to add to the transaction. */
    v3AndBelowTopics: {
      type: [
        {
          /** The name of the topic. */
          name: { type: 'string' },
          /** The partition indexes to add to the transaction. */
          partitions: { type: ['int32'] },
        },
      ],
    },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The results for each topic. */
    resultsByTopicV3AndBelow: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** The results for each partition. */
          resultsByPartition: {
            type: [
              {
                /** The partition indexes. */
                partitionIndex: { type: 'int32' },
                /** The response error code. */
                partitionErrorCode: { type: 'int16' },
              },
            ],
          },
        },
      ],
    },
  },
} as const

addPartitionsToTxn satisfies Api

export type AddPartitionsToTxnRequest = RequestOf<typeof addPartitionsToTxn>
export type AddPartitionsToTxnResponse = ResponseOf<typeof addPartitionsToTxn>
