import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * DescribeProducers (API key 61) tells which producers a partition remembers, with their last sequence. (KIP-664)
 *
 * @source Kafka 4.3.1 common/message/DescribeProducers{Request,Response}.json
 */
export const describeProducers = {
  name: 'DescribeProducers',
  apiKey: 61,
  versions: '0-0',
  flexible: '0+',
  request: {
    /** The topics to list producers for. */
    topics: {
      type: [
        {
          /** The topic name. */
          name: { type: 'string' },
          /** The indexes of the partitions to list producers for. */
          partitionIndexes: { type: ['int32'] },
        },
      ],
    },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
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
                /** The partition error message, which may be null if no additional details are available. */
                errorMessage: { type: 'string', nullable: '0+', default: null },
                /** The active producers for the partition. */
                activeProducers: {
                  type: [
                    {
                      /** The producer id. */
                      producerId: { type: 'int64' },
                      /** The producer epoch. */
                      producerEpoch: { type: 'int32' },
                      /** The last sequence number sent by the producer. */
                      lastSequence: { type: 'int32', default: -1 },
                      /** The last timestamp sent by the producer. */
                      lastTimestamp: { type: 'int64', default: -1n },
                      /** The current epoch of the producer group. */
                      coordinatorEpoch: { type: 'int32' },
                      /** The current transaction start offset of the producer. */
                      currentTxnStartOffset: { type: 'int64', default: -1n },
                    },
                  ],
                },
              },
            ],
          },
        },
      ],
    },
  },
} as const

describeProducers satisfies Api

export type DescribeProducersRequest = RequestOf<typeof describeProducers>
export type DescribeProducersResponse = ResponseOf<typeof describeProducers>
