import type { ErrorCode } from '../error-code.ts'

/** One record that made the broker refuse its whole batch (KIP-467). */
export interface RecordError {
  /** Of the record in its batch, from 0. */
  readonly batchIndex: number
  readonly message: string
}

/** Why the records of one partition were not appended. Nothing of them is in the log. */
export class RecordsRefused extends Error {
  override readonly name: string = 'RecordsRefused'
  readonly errorCode: ErrorCode
  readonly recordErrors: readonly RecordError[]

  constructor(errorCode: ErrorCode, message: string, recordErrors: readonly RecordError[] = []) {
    super(message)
    this.errorCode = errorCode
    this.recordErrors = recordErrors
  }
}
