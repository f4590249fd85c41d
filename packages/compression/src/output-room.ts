/** Batches of one topic are alike. */
const MARGIN = 1.25

const ROOM_BYTES_MIN = 1_024

/**
 * How much room zlib's next output needs, learned from those before: room for the worst case would be garbage most of the
 * time. Where it is too little, there is another trip to the thread pool.
 */
export class OutputRoom {
  readonly #overheadBytes: number
  /** Of the last output, or of one before that was larger and is being forgotten. */
  #ratio = 1

  /** @param overheadBytes that an output may have beside its input and a 256th of it */
  constructor(overheadBytes: number) {
    this.#overheadBytes = overheadBytes
  }

  bytesFor({ length }: Uint8Array): number {
    const boundBytes = length + (length >> 8) + this.#overheadBytes
    return Math.min(boundBytes, Math.ceil(length * this.#ratio * MARGIN) + ROOM_BYTES_MIN)
  }

  /** The same, and no room in Node's pool, where other things lie. */
  bytesAloneFor(input: Uint8Array): number {
    return Math.max(this.bytesFor(input), Buffer.poolSize)
  }

  /** Answers the output. */
  learned(input: Uint8Array, output: Buffer): Buffer {
    if (input.length > 0) {
      const ratio = output.length / input.length
      this.#ratio = Math.max(ratio, (this.#ratio + ratio) / 2)
    }
    return output
  }
}
