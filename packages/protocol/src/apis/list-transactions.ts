import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * ListTransactions (API key 66) lists the transactions of one coordinator. (KIP-664)
 *
 * @source Kafka 4.3.1 common/message/ListTransactions{Request,Response}.json
 */
export const listTransactions = {
  name: 'ListTransactions',
  apiKey: 66,
  versions: '0-2',
  flexible: '0+',
  request: {
    /**
     * The transaction states to filter by: if empty, all transactions are returned; if non-empty, then only
     * transactions matching one of the filtered states will be returned.
     */
    stateFilters: { type: ['string'] },
    /**
     * The producerIds to filter by: if empty, all transactions will be returned; if non-empty, only transactions
     * which match one of the filtered producerIds will be returned.
     */
    producerIdFilters: { type: ['int64'] },
    /**
     * Duration (in millis) to filter by: if < 0, all transactions will be returned; otherwise, only transactions
     * running longer than this duration will be returned (KIP-994).
     */
    durationFilter: { type: 'int64', versions: '1+', default: -1n },
    /**
     * The transactional ID regular expression pattern to filter by: if it is empty or null, all transactions are
     * returned; Otherwise then only the transactions matching the given regular expression will be returned
     * (KIP-1152).
     */
    transactionalIdPattern: { type: 'string', versions: '2+', nullable: '0+', default: null },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
    /** Set of state filters provided in the request which were unknown to the transaction coordinator. */
    unknownStateFilters: { type: ['string'] },
    /** The current state of the transaction for the transactional id. */
    transactionStates: {
      type: [
        {
          /** The transactional id. */
          transactionalId: { type: 'string' },
          /** The producer id. */
          producerId: { type: 'int64' },
          /** The current transaction state of the producer. */
          transactionState: { type: 'string' },
        },
      ],
    },
  },
} as const

listTransactions satisfies Api

export type ListTransactionsRequest = RequestOf<typeof listTransactions>
export type ListTransactionsResponse = ResponseOf<typeof listTransactions>
