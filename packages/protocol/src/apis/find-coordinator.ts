import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * FindCoordinator (API key 10) finds the broker that coordinates a group or a transactional id. (KIP-98)
 *
 * @source Kafka 4.3.1 common/message/FindCoordinator{Request,Response}.json
 */
export const findCoordinator = {
  name: 'FindCoordinator',
  apiKey: 10,
  versions: '0-6',
  flexible: '3+',
  request: {
    /** The coordinator key. */
    key: { type: 'string', versions: '0-3' },
    /** The coordinator key type. (group, transaction, share). */
    keyType: { type: 'int8', versions: '1+', default: 0 },
    /** The coordinator keys (KIP-699). */
    coordinatorKeys: { type: ['string'], versions: '4+' },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    /** The error code, or 0 if there was no error. */
    errorCode: { type: 'int16', versions: '0-3' },
    /** The error message, or null if there was no error. */
    errorMessage: { type: 'string', versions: '1-3', nullable: '0+', ignorable: true },
    /** The node id. */
    nodeId: { type: 'int32', versions: '0-3' },
    /** The host name. */
    host: { type: 'string', versions: '0-3' },
    /** The port. */
    port: { type: 'int32', versions: '0-3' },
    /** Each coordinator result in the response (KIP-699). */
    coordinators: {
      versions: '4+',
      type: [
        {
          /** The coordinator key. */
          key: { type: 'string' },
          /** The node id. */
          nodeId: { type: 'int32' },
          /** The host name. */
          host: { type: 'string' },
          /** The port. */
          port: { type: 'int32' },
          /** The error code, or 0 if there was no error. */
          errorCode: { type: 'int16' },
          /** The error message, or null if there was no error. */
          errorMessage: { type: 'string', nullable: '0+', ignorable: true },
        },
      ],
    },
  },
} as const

findCoordinator satisfies Api

export type FindCoordinatorRequest = RequestOf<typeof findCoordinator>
export type FindCoordinatorResponse = ResponseOf<typeof findCoordinator>
