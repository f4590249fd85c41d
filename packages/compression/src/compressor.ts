/** One way to compress bytes that lie in one piece. What comes out has memory of its own, exactly as long. */
export interface Compressor {
  /** On the calling thread; undefined where the library has the thread pool only. */
  readonly compressSync: ((this: void, bytes: Buffer) => Buffer) | undefined
  /** In the thread pool, which reads the caller's memory meanwhile. */
  compress(bytes: Buffer): Promise<Buffer>
}

/**
 * A copy in memory that nobody shares and that has no byte more.
 *
 * What a library gives is a view of something larger: its scratch, a pool, or room that it reserved for the worst case.
 * Whoever keeps that keeps all of it, and counts only what he sees.
 */
export function ownBytes(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  own.set(bytes)
  return own
}

/** The pieces one after another: a copy, unless there is one piece only. */
export function joined(pieces: readonly Uint8Array[]): Buffer {
  const [first] = pieces
  if (first !== undefined && pieces.length === 1) return Buffer.from(first.buffer, first.byteOffset, first.length)
  const whole = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
