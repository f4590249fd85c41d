import { Distribution } from './distribution.ts'

/** What statistics tell of a broker beside its meters. Kept only where somebody listens. */
export class NodeWindows {
  readonly queueTimeUs: Distribution = new Distribution()
  readonly produceLatencyUs: Distribution = new Distribution()
  readonly throttleMs: Distribution = new Distribution()
}

/** What statistics tell of a topic beside its meters. Kept only where somebody listens. */
export class TopicWindows {
  readonly batchBytes: Distribution = new Distribution()
  readonly batchRecords: Distribution = new Distribution()
  /** What was sent to each partition, by number. */
  readonly sent: Map<number, { records: number; bytes: number }> = new Map()

  onSent(partition: number, records: number, bytes: number): void {
    this.batchBytes.record(bytes)
    this.batchRecords.record(records)
    const sent = this.sent.get(partition)
    if (sent === undefined) {
      this.sent.set(partition, { records, bytes })
    } else {
      sent.records += records
      sent.bytes += bytes
    }
  }
}
