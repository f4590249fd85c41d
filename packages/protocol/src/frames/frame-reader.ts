import { ProtocolError } from '../wire/protocol-error.ts'

const SIZE_BYTES = 4
const FRAME_BYTES_MAX = 100 * 1024 * 1024
const NOTHING = new Uint8Array(0)

export interface FrameLimits {
  /** The largest frame, without its size. Default: 100 MiB, a broker's own limit (socket.request.max.bytes). */
  readonly maxFrameBytes: number
}

/**
 * Cuts a socket's byte stream into Kafka frames (int32 size, then that many bytes).
 *
 * A frame in one chunk is passed on as a view of it. What has come of a cut frame is gathered in a buffer that doubles
 * until the frame fits: memory follows the bytes received, not the size that was claimed, nor the number of pieces.
 */
export class FrameReader {
  readonly #maxFrameBytes: number
  /** The beginning of a frame that was cut. */
  #pending = NOTHING
  #pendingBytes = 0
  /** Bytes that must be pending before there is anything to do: a size, or a size and its frame. */
  #wantedBytes = SIZE_BYTES

  constructor(limits: FrameLimits = { maxFrameBytes: FRAME_BYTES_MAX }) {
    this.#maxFrameBytes = limits.maxFrameBytes
  }

  /**
   * Calls `onFrame` for each frame that `chunk` completes, in order. A frame is a view: copy to keep it. The reader
   * does not hold on to `chunk` after the call, so a socket may receive into the same memory again.
   *
   * @throws ProtocolError INVALID_LENGTH when a size is negative or over the limit: the peer does not speak Kafka, or
   *   only one end has TLS on. Drop the connection; the stream cannot be brought back into step.
   */
  push(chunk: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
    if (this.#pendingBytes === 0) {
      this.#cut(chunk, onFrame)
      return
    }
    this.#gather(chunk)
    if (this.#pendingBytes >= this.#wantedBytes) this.#cut(this.#taken(), onFrame)
  }

  /** What is left behind the last whole frame is kept. */
  #cut(bytes: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
    let at = 0
    for (;;) {
      const leftBytes = bytes.length - at
      this.#wantedBytes = SIZE_BYTES + (leftBytes < SIZE_BYTES ? 0 : this.#frameSize(bytes, at))
      if (leftBytes < this.#wantedBytes) break
      const frame = bytes.subarray(at + SIZE_BYTES, at + this.#wantedBytes)
      at += this.#wantedBytes
      onFrame(frame)
    }
    if (at < bytes.length) this.#gather(bytes.subarray(at))
  }

  #gather(chunk: Uint8Array): void {
    const neededBytes = this.#pendingBytes + chunk.length
    if (neededBytes > this.#pending.length) {
      const larger = new Uint8Array(Math.max(neededBytes, Math.min(2 * neededBytes, this.#wantedBytes)))
      larger.set(this.#pending.subarray(0, this.#pendingBytes))
      this.#pending = larger
    }
    this.#pending.set(chunk, this.#pendingBytes)
    this.#pendingBytes = neededBytes
  }

  #taken(): Uint8Array {
    const bytes = this.#pending.subarray(0, this.#pendingBytes)
    this.#pending = NOTHING
    this.#pendingBytes = 0
    return bytes
  }

  #frameSize(bytes: Uint8Array, at: number): number {
    const sizeBytes = new DataView(bytes.buffer, bytes.byteOffset + at, SIZE_BYTES).getInt32(0)
    if (sizeBytes < 0 || sizeBytes > this.#maxFrameBytes) {
      throw new ProtocolError('INVALID_LENGTH', `frame size ${sizeBytes}: the peer does not speak Kafka, or speaks TLS`)
    }
    return sizeBytes
  }
}
