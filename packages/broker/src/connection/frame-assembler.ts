import { ProtocolError } from '@linger/protocol'

const SIZE_BYTES = 4
const SCRATCH_BYTES_MIN = 64 * 1024
/** A scratch buffer above this is given back after its frame. */
const SCRATCH_BYTES_KEPT = 16 * 1024 * 1024

/**
 * Cuts a client's byte stream into request frames, of which some are large: a Produce request of 16 MiB comes in
 * hundreds of pieces.
 *
 * A frame in one chunk is a view of it. A cut frame is copied piece by piece into a scratch buffer, which serves one
 * frame after the other: no piece is copied twice and none is kept. The buffer grows with what has come, never with what
 * a size promises.
 */
export class FrameAssembler {
  readonly #maxFrameBytes: number
  /** Chunks that have not been looked at, the first one from `#position` on. */
  readonly #chunks: Buffer[] = []
  #position = 0
  readonly #size = Buffer.alloc(SIZE_BYTES)
  #sizeFilled = 0
  #scratch: Buffer = Buffer.alloc(0)
  #filled = 0

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  push(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk)
  }

  /**
   * The next whole frame without its size, or undefined until more has come. It is valid until the next call.
   *
   * @throws ProtocolError INVALID_LENGTH when a size is negative or over the limit: the peer does not speak Kafka. The
   *   stream cannot be brought back into step.
   */
  next(): Uint8Array | undefined {
    if (!this.#readSize()) return undefined
    const frameBytes = this.#size.readInt32BE(0)
    if (frameBytes < 0 || frameBytes > this.#maxFrameBytes) {
      throw new ProtocolError('INVALID_LENGTH', `frame size ${frameBytes}: 0 to ${this.#maxFrameBytes} is possible`)
    }
    const [chunk] = this.#chunks
    if (this.#filled === 0 && chunk !== undefined && chunk.length - this.#position >= frameBytes) {
      return this.#done(this.#take(chunk, frameBytes))
    }
    this.#fill(frameBytes)
    return this.#filled === frameBytes ? this.#done(this.#scratch.subarray(0, frameBytes)) : undefined
  }

  /** Answers whether the four bytes of the size are all there. */
  #readSize(): boolean {
    while (this.#sizeFilled < SIZE_BYTES) {
      const [chunk] = this.#chunks
      if (chunk === undefined) return false
      const bytes = this.#take(chunk, SIZE_BYTES - this.#sizeFilled)
      this.#size.set(bytes, this.#sizeFilled)
      this.#sizeFilled += bytes.length
    }
    return true
  }

  #fill(frameBytes: number): void {
    if (this.#filled === 0 && this.#scratch.length > SCRATCH_BYTES_KEPT) this.#scratch = Buffer.alloc(0)
    for (let chunk = this.#chunks[0]; chunk !== undefined && this.#filled < frameBytes; chunk = this.#chunks[0]) {
      const bytes = this.#take(chunk, frameBytes - this.#filled)
      this.#reserve(this.#filled + bytes.length)
      this.#scratch.set(bytes, this.#filled)
      this.#filled += bytes.length
    }
  }

  /** Takes up to `sizeBytes` from the first chunk, and drops the chunk when that was its end. */
  #take(chunk: Buffer, sizeBytes: number): Buffer {
    const bytes = chunk.subarray(this.#position, this.#position + sizeBytes)
    this.#position += bytes.length
    if (this.#position === chunk.length) {
      this.#chunks.shift()
      this.#position = 0
    }
    return bytes
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#scratch.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(sizeBytes, this.#scratch.length * 2, SCRATCH_BYTES_MIN))
    this.#scratch.copy(grown, 0, 0, this.#filled)
    this.#scratch = grown
  }

  #done(frame: Uint8Array): Uint8Array {
    this.#sizeFilled = 0
    this.#filled = 0
    return frame
  }
}
