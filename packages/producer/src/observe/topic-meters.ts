import { Meter } from './meter.ts'
import type { TopicWindows } from './windows.ts'

/** What is counted for a topic. */
export class TopicMeters {
  /** Records per batch that was sent. */
  readonly sentRecords: Meter = new Meter()
  /** Bytes per batch that was sent, as it went on the wire. */
  readonly sentBytes: Meter = new Meter()
  /** Of its records' bytes, what was left of them by compression: 1 where they were not compressed. */
  readonly compressionRate: Meter = new Meter()
  /** Records per batch that was to be sent again. */
  readonly retriedRecords: Meter = new Meter()
  readonly failedRecords: Meter = new Meter()
  /** Undefined until something was sent while somebody listens to statistics. */
  windows: TopicWindows | undefined
}
