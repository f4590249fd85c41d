import { findCoordinator, type FindCoordinatorRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'

const FIRST_VERSION_WITH_SEVERAL_KEYS = 4

export const findCoordinatorHandler: ApiHandler = handlerFor(findCoordinator, handleFindCoordinator)

/** The broker names itself, for any key. */
function handleFindCoordinator(
  context: RequestContext,
  request: FindCoordinatorRequest,
): Outcome<typeof findCoordinator> {
  const self = context.cluster.node(context.nodeId)
  if (self === undefined) throw new Error(`broker ${context.nodeId} is not in its own cluster`)
  const found = { errorCode: ErrorCode.NONE, errorMessage: null, ...self }
  if (context.apiVersion < FIRST_VERSION_WITH_SEVERAL_KEYS) return { response: found }
  return { response: { coordinators: request.coordinatorKeys.map((key) => ({ key, ...found })) } }
}
