/** Batches of one topic are alike. */
const MARGIN = 1.25

const ROOM_BYTES_MIN = 1_024

/** How much room the next output needs, learned from those before: room for the worst case would be garbage most of the time. */
export class OutputRoom {
  /** Of the last output, or of one before that was larger and is being forgotten. */
  #ratio = 1

  /** @param boundBytes that no output exceeds */
  bytesFor(inputBytes: number, boundBytes: number): number {
    return Math.min(boundBytes, Math.ceil(inputBytes * this.#ratio * MARGIN) + ROOM_BYTES_MIN)
  }

  learn(inputBytes: number, outputBytes: number): void {
    if (inputBytes === 0) return
    const ratio = outputBytes / inputBytes
    this.#ratio = Math.max(ratio, (this.#ratio + ratio) / 2)
  }
}
