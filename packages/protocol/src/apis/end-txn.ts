import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * EndTxn (API key 26) commits or aborts a transaction. From version 5 on the answer carries the epoch of the next
 * one. (KIP-98)
 *
 * @source Kafka 4.3.1 common/message/EndTxn{Request,Response}.json
 */
export const endTxn = {
  name: 'EndTxn',
  apiKey: 26,
  versions: '0-5',
  flexible: '3+',
  request: {
    /** The ID of the transaction to end. */
    transactionalId: { type: 'string' },
    /** The producer ID. */
    producerId: { type: 'int64' },
    /** The current epoch associated with the producer. */
    producerEpoch: { type: 'int16' },
    /** True if the transaction was committed, false if it was aborted. */
    committed: { type: 'bool' },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
    /** The producer ID (KIP-890). */
    producerId: { type: 'int64', versions: '5+', default: -1n, ignorable: true },
    /** The current epoch associated with the producer (KIP-890). */
    producerEpoch: { type: 'int16', versions: '5+', default: -1, ignorable: true },
  },
} as const

endTxn satisfies Api

export type EndTxnRequest = RequestOf<typeof endTxn>
export type EndTxnResponse = ResponseOf<typeof endTxn>
