import { DelayedRecords, type DelayedRecordsDeps } from './delayed-records.ts'
import { ExpiringRecords, type ExpiringRecordsDeps } from './expiring-records.ts'

/** Records with a time of their own: held back until it, or taken back at it. */
export class TimedRecords {
  readonly delayed: DelayedRecords
  readonly expiring: ExpiringRecords

  constructor(deps: DelayedRecordsDeps & ExpiringRecordsDeps) {
    this.delayed = new DelayedRecords(deps)
    this.expiring = new ExpiringRecords(deps)
  }

  get deadlineMs(): number {
    return Math.min(this.delayed.deadlineMs, this.expiring.deadlineMs)
  }

  run(nowMs: number): void {
    this.delayed.run(nowMs)
    this.expiring.run(nowMs)
  }
}
