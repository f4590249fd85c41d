import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * InitProducerId (API key 22) gives a producer the id and epoch it stamps on its batches. (KIP-98)
 *
 * @source Kafka 4.3.1 common/message/InitProducerId{Request,Response}.json
 */
export const initProducerId = {
  name: 'InitProducerId',
  apiKey: 22,
  versions: '0-5',
  flexible: '2+',
  request: {
    /** The transactional id, or null if the producer is not transactional. */
    transactionalId: { type: 'string', nullable: '0+' },
    /**
     * The time in ms to wait before aborting idle transactions sent by this producer. This is only relevant if a
     * TransactionalId has been defined.
     */
    transactionTimeoutMs: { type: 'int32' },
    /**
     * The producer id. This is used to disambiguate requests if a transactional id is reused following its expiration
     * (KIP-360).
     */
    producerId: { type: 'int64', versions: '3+', default: -1n },
    /** The producer's current epoch (KIP-360). */
    producerEpoch: { type: 'int16', versions: '3+', default: -1 },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', ignorable: true },
    /** The error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
    /** The current producer id. */
    producerId: { type: 'int64', default: -1n },
    /** The current epoch associated with the producer id. */
    producerEpoch: { type: 'int16' },
  },
} as const

initProducerId satisfies Api

export type InitProducerIdRequest = RequestOf<typeof initProducerId>
export type InitProducerIdResponse = ResponseOf<typeof initProducerId>
