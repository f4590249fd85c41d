import { BatchField } from './record-batch-header.ts'

/**
 * A run of batches in one piece of memory, as they go out to a consumer, with an index over them.
 *
 * A read is a view of that memory: a million records are read back without being touched.
 */
export class Segment {
  readonly #bytes: Buffer
  #sizeBytes = 0
  readonly #positions: number[] = []
  readonly #baseOffsets: number[] = []
  readonly #maxTimestamps: number[] = []

  constructor(capacityBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacityBytes)
  }

  get capacityBytes(): number {
    return this.#bytes.length
  }

  get baseOffset(): number {
    return this.#baseOffsets[0] ?? 0
  }

  get batchCount(): number {
    return this.#positions.length
  }

  hasRoomFor(sizeBytes: number): boolean {
    return this.#bytes.length - this.#sizeBytes >= sizeBytes
  }

  /** Copies a batch in, gives it its offset and leader epoch, and answers the copy. */
  append(batch: Uint8Array, baseOffset: number, leaderEpoch: number, maxTimestamp: number): Buffer {
    const copy = this.restore(batch, baseOffset, maxTimestamp)
    copy.writeBigInt64BE(BigInt(baseOffset), BatchField.BASE_OFFSET)
    copy.writeInt32BE(leaderEpoch, BatchField.LEADER_EPOCH)
    return copy
  }

  /** Copies a batch in that has its offset and leader epoch already. */
  restore(batch: Uint8Array, baseOffset: number, maxTimestamp: number): Buffer {
    const position = this.#sizeBytes
    const copy = this.#bytes.subarray(position, position + batch.length)
    copy.set(batch)
    this.#positions.push(position)
    this.#baseOffsets.push(baseOffset)
    this.#maxTimestamps.push(maxTimestamp)
    this.#sizeBytes += batch.length
    return copy
  }

  /**
   * Whole batches from the one with `offset` on, up to `maxBytes`.
   *
   * @param atLeastOne the first batch comes even when it is larger: a consumer must not be stuck at it (KIP-74)
   */
  read(offset: number, maxBytes: number, atLeastOne: boolean, beforeOffset: number): Uint8Array {
    const first = lastNotAbove(this.#baseOffsets, offset)
    const start = this.#position(first)
    const lastFitting = lastNotAbove(this.#positions, start + maxBytes)
    // The batch at `lastFitting` starts within the limit, but only the last one of the segment may also end within it.
    let end = this.#position(lastFitting)
    if (lastFitting === this.batchCount - 1 && this.#sizeBytes - start <= maxBytes) end = this.#sizeBytes
    if (end === start && atLeastOne) end = this.#position(first + 1)
    return this.#bytes.subarray(start, Math.min(end, this.#endBefore(beforeOffset)))
  }

  /** Where the first batch begins that is not read. A high watermark is always between batches. */
  #endBefore(offset: number): number {
    const last = lastNotAbove(this.#baseOffsets, offset)
    return this.#baseOffsets[last] === offset ? this.#position(last) : this.#sizeBytes
  }

  batch(index: number): Uint8Array {
    return this.#bytes.subarray(this.#position(index), this.#position(index + 1))
  }

  maxTimestamp(index: number): number {
    return this.#maxTimestamps[index] ?? -1
  }

  #position(index: number): number {
    return this.#positions[index] ?? this.#sizeBytes
  }
}

/** The index of the last number that is not above `limit`, in ascending numbers. 0 when all are above. */
export function lastNotAbove(numbers: readonly number[], limit: number): number {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((numbers[middle] ?? Infinity) <= limit) low = middle
    else high = middle - 1
  }
  return low
}
