import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import type { RequestContext } from './api-handler.ts'

/** @throws RequestRefused where another broker keeps the offsets of the group, or this one does not know them yet */
export function refuseUnlessGroupCoordinator({ cluster, nodeId }: RequestContext, groupId: string): void {
  if (cluster.coordinatorFor(groupId)?.nodeId !== nodeId) {
    throw new RequestRefused(ErrorCode.NOT_COORDINATOR, `broker ${nodeId} does not coordinate ${groupId}`)
  }
  if (cluster.isLoading(groupId)) {
    throw new RequestRefused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, `${groupId} is not loaded yet`)
  }
}
