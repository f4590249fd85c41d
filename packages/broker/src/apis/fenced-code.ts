import { ErrorCode } from '../error-code.ts'
import { errorCodeOf } from './partition-lookup.ts'

/**
 * The code of a refusal, as versions tell it that are older than PRODUCER_FENCED.
 *
 * @source KIP-588
 */
export function fencedCodeOf(error: unknown, knowsFenced: boolean): ErrorCode {
  const errorCode = errorCodeOf(error)
  return errorCode === ErrorCode.PRODUCER_FENCED && !knowsFenced ? ErrorCode.INVALID_PRODUCER_EPOCH : errorCode
}
