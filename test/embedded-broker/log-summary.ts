const HEADER_BYTES = 61
const LOG_OVERHEAD_BYTES = 12
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

/** A batch as two brokers must have it alike: without times, and without what those decide. */
export interface BatchSummary {
  readonly baseOffset: number
  readonly lastOffsetDelta: number
  readonly attributes: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  /** Of a marker, in hexadecimal. */
  readonly controlRecord: string | undefined
}

/** The batches that a broker answered a Fetch with, read from their description and by nobody's code. */
export function batchesIn(records: Uint8Array | null): BatchSummary[] {
  const bytes = Buffer.from(records ?? [])
  const batches: BatchSummary[] = []
  for (let start = 0; start + HEADER_BYTES <= bytes.length;) {
    const batch = bytes.subarray(start, start + LOG_OVERHEAD_BYTES + bytes.readInt32BE(start + 8))
    batches.push(summaryOf(batch))
    start += batch.length
  }
  return batches
}

function summaryOf(batch: Buffer): BatchSummary {
  const attributes = batch.readInt16BE(21)
  const isControl = (attributes & CONTROL) !== 0
  return {
    baseOffset: Number(batch.readBigInt64BE(0)),
    lastOffsetDelta: batch.readInt32BE(23),
    attributes: [attributes & TRANSACTIONAL ? 'transactional' : '', isControl ? 'control' : ''].join(' ').trim(),
    producerId: batch.readBigInt64BE(43),
    producerEpoch: batch.readInt16BE(51),
    baseSequence: batch.readInt32BE(53),
    controlRecord: isControl ? batch.subarray(HEADER_BYTES).toString('hex') : undefined,
  }
}
