import { findCoordinator, type FindCoordinatorRequest } from '@linger/protocol'
import type { Node } from '../cluster/node.ts'
import { ErrorCode } from '../error-code.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'

const FIRST_VERSION_WITH_SEVERAL_KEYS = 4
const NOBODY: Node = { nodeId: -1, host: '', port: -1 }

export const findCoordinatorHandler: ApiHandler = handlerFor(findCoordinator, handleFindCoordinator)

function handleFindCoordinator(
  { cluster, apiVersion }: RequestContext,
  request: FindCoordinatorRequest,
): Outcome<typeof findCoordinator> {
  const find = (key: string) => {
    const coordinator = cluster.coordinatorFor(key)
    const errorCode = coordinator === undefined ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.NONE
    return { errorCode, errorMessage: null, ...(coordinator ?? NOBODY) }
  }
  if (apiVersion < FIRST_VERSION_WITH_SEVERAL_KEYS) return { response: find(request.key) }
  return { response: { coordinators: request.coordinatorKeys.map((key) => ({ key, ...find(key) })) } }
}
