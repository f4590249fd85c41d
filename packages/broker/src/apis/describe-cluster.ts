import { describeCluster } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { type ApiHandler, handlerFor } from './api-handler.ts'

export const describeClusterHandler: ApiHandler = handlerFor(describeCluster, ({ cluster, metadata }) => ({
  response: {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    clusterId: cluster.clusterId,
    controllerId: metadata.controllerId,
    brokers: metadata.nodes.map(({ nodeId, host, port }) => ({ brokerId: nodeId, host, port, rack: null })),
  },
}))
