/** What an unsettled record costs beside its bytes: its callback or promise and its place in the batch. */
export const RECORD_OVERHEAD_BYTES = 200

/** A batch starts with at least this much. */
export const BUFFER_BYTES_MIN = 512

/**
 * The producer's memory: a hard cap on the capacity of all batch buffers, in use or pooled, plus 200 bytes per
 * unsettled record.
 *
 * Buffers come in doubling sizes from 512 bytes to the batch size and are pooled per size. Pooled ones give way
 * when another size is needed. A buffer comes back only when no socket can still be reading it.
 *
 * @source Kafka BufferPool, and CVE-2026-35554 for the last sentence
 */
export class BufferMemory {
  readonly limitBytes: number
  readonly #pooledSizeMax: number
  readonly #pools: Buffer[][] = []
  #takenBytes = 0
  #pooledBytes = 0
  #wasReleased = false

  /**
   * @param limitBytes the cap, `bufferMemory`
   * @param pooledSizeMax the largest buffer worth keeping, `batchSize`
   */
  constructor(limitBytes: number, pooledSizeMax: number) {
    this.limitBytes = limitBytes
    this.#pooledSizeMax = pooledSizeMax
    for (let size = BUFFER_BYTES_MIN; size < this.#pooledSizeMax; size *= 2) this.#pools.push([])
    this.#pools.push([])
  }

  get availableBytes(): number {
    return this.limitBytes - this.#takenBytes
  }

  get takenBytes(): number {
    return this.#takenBytes
  }

  get pooledBytes(): number {
    return this.#pooledBytes
  }

  /** Counts `bytes` that are held elsewhere. False, and nothing counted, when they do not fit. */
  reserve(bytes: number): boolean {
    const taken = this.#takenBytes + bytes
    if (taken > this.limitBytes) return false
    this.#takenBytes = taken
    if (taken + this.#pooledBytes > this.limitBytes) this.#dropPooled()
    return true
  }

  release(bytes: number): void {
    this.#takenBytes -= bytes
    this.#wasReleased = true
  }

  /** True once after memory was given back: whoever waits for it may try. */
  takeWasReleased(): boolean {
    const wasReleased = this.#wasReleased
    this.#wasReleased = false
    return wasReleased
  }

  /** The capacity that `takeBuffer(sizeBytes)` gives. */
  capacityFor(sizeBytes: number): number {
    if (sizeBytes > this.#pooledSizeMax) return sizeBytes
    let capacity = BUFFER_BYTES_MIN
    while (capacity < sizeBytes) capacity *= 2
    return Math.min(capacity, this.#pooledSizeMax)
  }

  /** A buffer of at least `sizeBytes`, or undefined when the cap leaves no room for it. */
  takeBuffer(sizeBytes: number): Buffer | undefined {
    const capacity = this.capacityFor(sizeBytes)
    if (this.#takenBytes + capacity > this.limitBytes) return undefined

    const pooled = capacity <= this.#pooledSizeMax ? this.#poolOf(capacity).pop() : undefined
    if (pooled !== undefined) this.#pooledBytes -= capacity
    this.reserve(capacity)
    return pooled ?? Buffer.allocUnsafeSlow(capacity)
  }

  returnBuffer(buffer: Buffer): void {
    const capacity = buffer.length
    this.release(capacity)
    if (capacity > this.#pooledSizeMax) return
    this.#poolOf(capacity).push(buffer)
    this.#pooledBytes += capacity
    this.#dropPooled()
  }

  #poolOf(capacity: number): Buffer[] {
    const index = 32 - Math.clz32(Math.ceil(capacity / BUFFER_BYTES_MIN) - 1)
    return this.#pools[index] as Buffer[]
  }

  /** Lets pooled buffers go, largest first, until everything together is under the cap. */
  #dropPooled(): void {
    for (
      let index = this.#pools.length - 1;
      this.#takenBytes + this.#pooledBytes > this.limitBytes && index >= 0;
      index--
    ) {
      const pool = this.#pools[index] as Buffer[]
      while (this.#takenBytes + this.#pooledBytes > this.limitBytes) {
        const dropped = pool.pop()
        if (dropped === undefined) break
        this.#pooledBytes -= dropped.length
      }
    }
  }
}
