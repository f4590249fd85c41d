import { pushTelemetry } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor } from './api-handler.ts'

export const pushTelemetryHandler: ApiHandler = handlerFor(pushTelemetry, ({ clientMetricsManager }, request) => {
  try {
    clientMetricsManager.push(request)
    return { response: { throttleTimeMs: 0, errorCode: ErrorCode.NONE } }
  } catch (error) {
    if (error instanceof RequestRefused) return { response: { throttleTimeMs: 0, errorCode: error.errorCode } }
    throw error
  }
})
