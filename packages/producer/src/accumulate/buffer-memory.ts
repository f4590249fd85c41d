/** What an unsettled record costs beside its bytes: its callback or promise and its place in the batch. */
export const RECORD_OVERHEAD_BYTES = 200

/** A batch starts with at least this much... */
export const BUFFER_BYTES_MIN = 512

/** ...and goes on in buffers of at most this much, but for a record that is larger. */
export const BUFFER_BYTES_MAX = 65_536

/** 512 bytes, doubled up to 64 KiB. */
const POOL_COUNT = Math.log2(BUFFER_BYTES_MAX / BUFFER_BYTES_MIN) + 1

/**
 * The producer's memory: a hard cap on the capacity of all batch buffers, in use or pooled, plus 200 bytes per
 * unsettled record.
 *
 * Buffers come in doubling sizes from 512 bytes to 64 KiB and are pooled per size. Pooled ones give way when another
 * size is needed. A buffer comes back only when no socket can still be reading it. The cap is passed only while a batch is
 * written anew, by what it comes to in such buffers.
 *
 * @source Kafka BufferPool, and CVE-2026-35554 for the last sentence
 */
export class BufferMemory {
  readonly limitBytes: number
  readonly #pools: readonly Buffer[][] = Array.from({ length: POOL_COUNT }, () => [])
  #takenBytes = 0
  #pooledBytes = 0
  #wasReleased = false
  /** What may be taken just now: the limit, but for `spend`. */
  #capBytes: number
  readonly #onReleased: () => void

  /**
   * @param limitBytes the cap, `bufferMemory`
   * @param onReleased called when `takeWasReleased` turns true
   */
  constructor(limitBytes: number, onReleased: () => void = () => {}) {
    this.limitBytes = limitBytes
    this.#capBytes = limitBytes
    this.#onReleased = onReleased
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
    if (taken > this.#capBytes) return false
    this.#takenBytes = taken
    if (taken + this.#pooledBytes > this.limitBytes) this.#dropPooled()
    return true
  }

  /** Takes back a reservation that came to nothing. It gives nobody room, so nobody who waits is told to try. */
  cancel(bytes: number): void {
    this.#takenBytes -= bytes
  }

  release(bytes: number): void {
    this.#takenBytes -= bytes
    if (this.#wasReleased) return
    this.#wasReleased = true
    this.#onReleased()
  }

  /**
   * Answers what `use` does, with room for `bytes` that were reserved before, also if memory is beyond its limit by now.
   * What it does not take is given back.
   */
  spend<T>(bytes: number, use: () => T): T {
    this.#capBytes = Math.max(this.limitBytes, this.#takenBytes)
    this.release(bytes)
    try {
      return use()
    } finally {
      this.#capBytes = this.limitBytes
    }
  }

  /** True once after memory was given back: whoever waits for it may try. */
  takeWasReleased(): boolean {
    const wasReleased = this.#wasReleased
    this.#wasReleased = false
    return wasReleased
  }

  /** The capacity that `takeBuffer(sizeBytes)` gives. */
  capacityFor(sizeBytes: number): number {
    if (sizeBytes > BUFFER_BYTES_MAX) return sizeBytes
    return sizeBytes <= BUFFER_BYTES_MIN ? BUFFER_BYTES_MIN : 2 ** (32 - Math.clz32(sizeBytes - 1))
  }

  /** A buffer of at least `sizeBytes`, or undefined when the cap leaves no room for it. */
  takeBuffer(sizeBytes: number): Buffer | undefined {
    const capacity = this.capacityFor(sizeBytes)
    if (!this.reserve(capacity)) return undefined

    const pooled = this.#poolOf(capacity)?.pop()
    if (pooled !== undefined) {
      this.#pooledBytes -= capacity
      return pooled
    }
    this.#dropPooled()
    return Buffer.allocUnsafeSlow(capacity)
  }

  /** As `takeBuffer`, beyond the cap if need be: for the moment in which records move from one buffer to another. */
  takeBufferAnyway(sizeBytes: number): Buffer {
    const buffer = this.takeBuffer(sizeBytes)
    if (buffer !== undefined) return buffer
    const capacity = this.capacityFor(sizeBytes)
    this.#takenBytes += capacity
    this.#dropPooled()
    return Buffer.allocUnsafeSlow(capacity)
  }

  returnBuffer(buffer: Buffer): void {
    const capacity = buffer.length
    this.release(capacity)
    const pool = this.#poolOf(capacity)
    if (pool === undefined) return
    pool.push(buffer)
    this.#pooledBytes += capacity
    this.#dropPooled()
  }

  /** Undefined for a size that is not pooled: that of a single large record. */
  #poolOf(capacity: number): Buffer[] | undefined {
    return capacity > BUFFER_BYTES_MAX ? undefined : this.#pools[Math.clz32(BUFFER_BYTES_MIN) - Math.clz32(capacity)]
  }

  /** Lets pooled buffers go, largest first, until everything together is under the cap. */
  #dropPooled(): void {
    if (this.#takenBytes + this.#pooledBytes <= this.limitBytes) return
    for (const pool of this.#pools.toReversed()) {
      while (this.#takenBytes + this.#pooledBytes > this.limitBytes) {
        const dropped = pool.pop()
        if (dropped === undefined) break
        this.#pooledBytes -= dropped.length
      }
    }
  }
}
