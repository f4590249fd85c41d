/** Size and correlation id. */
const HEADER_BYTES = 8

const SIZE_BYTES = 4

/** Finds the answers in a stream of bytes, wherever it is cut, and reads no further than their correlation ids. */
export class AnswerHeaders {
  readonly #onAnswer: (correlationId: number, sizeBytes: number) => void
  readonly #header = new DataView(new ArrayBuffer(HEADER_BYTES))
  #headerBytes = 0
  /** Of the answer that is passed over. */
  #restBytes = 0

  /** @param onAnswer is called once an answer is there to its last byte */
  constructor(onAnswer: (correlationId: number, sizeBytes: number) => void) {
    this.#onAnswer = onAnswer
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#headerBytes < HEADER_BYTES) {
        this.#header.setUint8(this.#headerBytes++, chunk[at++] ?? 0)
        if (this.#headerBytes === HEADER_BYTES) this.#restBytes = this.#sizeBytes - (HEADER_BYTES - SIZE_BYTES)
      } else {
        const passed = Math.min(this.#restBytes, chunk.length - at)
        this.#restBytes -= passed
        at += passed
      }
      if (this.#headerBytes === HEADER_BYTES && this.#restBytes <= 0) this.#end()
    }
  }

  get #sizeBytes(): number {
    return this.#header.getInt32(0)
  }

  #end(): void {
    this.#headerBytes = 0
    this.#onAnswer(this.#header.getInt32(SIZE_BYTES), this.#sizeBytes)
  }
}
