import { ProtocolError } from '../wire/protocol-error.ts'

const SIZE_BYTES = 4
const FRAME_BYTES_MAX = 100 * 1024 * 1024

export interface FrameLimits {
  /** The largest frame, without its size. Default: 100 MiB, a broker's own limit (socket.request.max.bytes). */
  readonly maxFrameBytes: number
}

/**
 * Cuts a socket's byte stream into Kafka frames (int32 size, then that many bytes).
 *
 * A frame in one chunk is passed on as a view of it. The pieces of a cut frame are kept as they came and joined once,
 * when the last one is there: memory follows the bytes received, never the size that was claimed.
 */
export class FrameReader {
  readonly #maxFrameBytes: number
  #pieces: Uint8Array[] = []
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
    this.#pieces.push(chunk)
    this.#pendingBytes += chunk.length
    while (this.#pendingBytes >= this.#wantedBytes) {
      const bytes = this.#joined()
      const sizeBytes = this.#frameSize(bytes)
      this.#wantedBytes = SIZE_BYTES + sizeBytes
      if (bytes.length < this.#wantedBytes) break
      this.#keep(bytes.subarray(this.#wantedBytes))
      onFrame(bytes.subarray(SIZE_BYTES, SIZE_BYTES + sizeBytes))
    }
    this.#letGoOf(chunk)
  }

  /** What is left of `chunk` is copied. */
  #letGoOf(chunk: Uint8Array): void {
    const last = this.#pieces.at(-1)
    if (last?.buffer === chunk.buffer) this.#pieces[this.#pieces.length - 1] = Uint8Array.from(last)
  }

  #joined(): Uint8Array {
    const [first] = this.#pieces
    if (this.#pieces.length === 1 && first !== undefined) return first
    const joined = Buffer.concat(this.#pieces)
    this.#pieces = [joined]
    return joined
  }

  #keep(rest: Uint8Array): void {
    this.#pieces = rest.length === 0 ? [] : [rest]
    this.#pendingBytes = rest.length
    this.#wantedBytes = SIZE_BYTES
  }

  #frameSize(bytes: Uint8Array): number {
    const sizeBytes = new DataView(bytes.buffer, bytes.byteOffset, SIZE_BYTES).getInt32(0)
    if (sizeBytes < 0 || sizeBytes > this.#maxFrameBytes) {
      throw new ProtocolError('INVALID_LENGTH', `frame size ${sizeBytes}: the peer does not speak Kafka, or speaks TLS`)
    }
    return sizeBytes
  }
}
