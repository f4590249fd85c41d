/** One way to compress bytes that lie in one piece. */
export interface Compressor {
  /** On the calling thread; undefined where the library has the thread pool only. What comes out may be part of a pool. */
  readonly compressSync: ((this: void, bytes: Buffer) => Buffer) | undefined
  /** In the thread pool, which reads the caller's memory meanwhile. What comes out lies alone in its memory. */
  compress(bytes: Buffer): Promise<Buffer>
}
