import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * DescribeCluster (API key 60) tells the brokers of the cluster without its topics. (KIP-700)
 *
 * @source Kafka 4.3.1 common/message/DescribeCluster{Request,Response}.json
 */
export const describeCluster = {
  name: 'DescribeCluster',
  apiKey: 60,
  versions: '0-2',
  flexible: '0+',
  request: {
    /** Whether to include cluster authorized operations. */
    includeClusterAuthorizedOperations: { type: 'bool' },
    /** The endpoint type to describe. 1=brokers, 2=controllers (KIP-919). */
    endpointType: { type: 'int8', versions: '1+', default: 1 },
    /** Whether to include fenced brokers when listing brokers (KIP-1073). */
    includeFencedBrokers: { type: 'bool', versions: '2+' },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The top-level error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
    /** The top-level error message, or null if there was no error. */
    errorMessage: { type: 'string', nullable: '0+', default: null },
    /** The endpoint type that was described. 1=brokers, 2=controllers (KIP-919). */
    endpointType: { type: 'int8', versions: '1+', default: 1 },
    /** The cluster ID that responding broker belongs to. */
    clusterId: { type: 'string' },
    /** The ID of the controller. */
    controllerId: { type: 'int32', default: -1 },
    /** Each broker in the response. */
    brokers: {
      type: [
        {
          /** The broker ID. */
          brokerId: { type: 'int32' },
          /** The broker hostname. */
          host: { type: 'string' },
          /** The broker port. */
          port: { type: 'int32' },
          /** The rack of the broker, or null if it has not been assigned to a rack. */
          rack: { type: 'string', nullable: '0+', default: null },
          /** Whether the broker is fenced (KIP-1073). */
          isFenced: { type: 'bool', versions: '2+' },
        },
      ],
    },
    /** 32-bit bitfield to represent authorized operations for this cluster. */
    clusterAuthorizedOperations: { type: 'int32', default: -2147483648 },
  },
} as const

describeCluster satisfies Api

export type DescribeClusterRequest = RequestOf<typeof describeCluster>
export type DescribeClusterResponse = ResponseOf<typeof describeCluster>
