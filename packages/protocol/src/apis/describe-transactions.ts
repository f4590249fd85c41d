import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * DescribeTransactions (API key 65) tells how transactions stand at their coordinator. (KIP-664)
 *
 * @source Kafka 4.3.1 common/message/DescribeTransactions{Request,Response}.json
 */
export const describeTransactions = {
  name: 'DescribeTransactions',
  apiKey: 65,
  versions: '0-0',
  flexible: '0+',
  request: {
    /** Array of transactionalIds to include in describe results. If empty, then no results will be returned. */
    transactionalIds: { type: ['string'] },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The current state of the transaction. */
    transactionStates: {
      type: [
        {
          /** The error code. */
          errorCode: { type: 'int16' },
          /** The transactional id. */
          transactionalId: { type: 'string' },
          /** The current transaction state of the producer. */
          transactionState: { type: 'string' },
          /** The timeout in milliseconds for the transaction. */
          transactionTimeoutMs: { type: 'int32' },
          /** The start time of the transaction in milliseconds. */
          transactionStartTimeMs: { type: 'int64' },
          /** The current producer id associated with the transaction. */
          producerId: { type: 'int64' },
          /** The current epoch associated with the producer id. */
          producerEpoch: { type: 'int16' },
          /** The set of partitions included in the current transaction (if active). */
          topics: {
            type: [
              {
                /** The topic name. */
                topic: { type: 'string' },
                /** The partition ids included in the current transaction. */
                partitions: { type: ['int32'] },
              },
            ],
          },
        },
      ],
    },
  },
} as const

describeTransactions satisfies Api

export type DescribeTransactionsRequest = RequestOf<typeof describeTransactions>
export type DescribeTransactionsResponse = ResponseOf<typeof describeTransactions>
