import type { ErrorCode } from './error-code.ts'

/** Why a broker does not do what a request asks, as far as one topic or partition of it is concerned. */
export class RequestRefused extends Error {
  override readonly name: string = 'RequestRefused'
  readonly errorCode: ErrorCode

  constructor(errorCode: ErrorCode, message: string) {
    super(message)
    this.errorCode = errorCode
  }
}
