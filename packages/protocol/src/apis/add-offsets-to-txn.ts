import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * AddOffsetsToTxn (API key 25) enrols a group, whose offsets a transaction will commit. (KIP-98)
 *
 * @source Kafka 4.3.1 common/message/AddOffsetsToTxn{Request,Response}.json
 */
export const addOffsetsToTxn = {
  name: 'AddOffsetsToTxn',
  apiKey: 25,
  versions: '0-4',
  flexible: '3+',
  request: {
    /** The transactional id corresponding to the transaction. */
    transactionalId: { type: 'string' },
    /** Current producer id in use by the transactional id. */
    producerId: { type: 'int64' },
    /** Current epoch associated with the producer id. */
    producerEpoch: { type: 'int16' },
    /** The unique group identifier. */
    groupId: { type: 'string' },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The response error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
  },
} as const

addOffsetsToTxn satisfies Api

export type AddOffsetsToTxnRequest = RequestOf<typeof addOffsetsToTxn>
export type AddOffsetsToTxnResponse = ResponseOf<typeof addOffsetsToTxn>
