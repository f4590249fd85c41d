/** The producer gives the thread pool two batches at a time. */
const KEPT_MAX = 2

/** What is larger is rare, and not worth keeping. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024

const BYTES_MIN = 64 * 1024

/** Pieces in one piece, until they are given back. */
export interface Lent {
  readonly bytes: Buffer
  /** Where they were joined. Undefined for a piece that was left where it lies. */
  readonly memory: Buffer | undefined
}

/**
 * Memory in which the pieces of a batch are joined, kept for the next one.
 *
 * A megabyte of fresh memory for each batch costs its page faults, and makes V8 look for garbage in the whole heap some ten
 * times a second: half as much work again as the compression itself.
 */
export class Scratch {
  readonly #kept: Buffer[] = []

  /** A copy of the pieces, one after another. */
  lend(pieces: readonly Uint8Array[]): Lent {
    const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0)
    const memory = this.#memoryFor(sizeBytes)
    let at = 0
    for (const piece of pieces) {
      memory.set(piece, at)
      at += piece.length
    }
    return { bytes: memory.subarray(0, sizeBytes), memory }
  }

  /** The same for who is done with them before a piece can change: a single one is not copied. */
  lendBriefly(pieces: readonly Uint8Array[]): Lent {
    const [only] = pieces
    if (only === undefined || pieces.length > 1) return this.lend(pieces)
    return { bytes: Buffer.from(only.buffer, only.byteOffset, only.length), memory: undefined }
  }

  giveBack({ memory }: Lent): void {
    if (memory !== undefined && memory.length <= KEPT_BYTES_MAX && this.#kept.length < KEPT_MAX) this.#kept.push(memory)
  }

  #memoryFor(sizeBytes: number): Buffer {
    const kept = this.#kept.pop()
    if (kept !== undefined && kept.length >= sizeBytes) return kept
    return Buffer.allocUnsafeSlow(Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(sizeBytes))))
  }
}
