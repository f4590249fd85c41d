/** One way to compress bytes that lie in one piece. What comes out may be part of something larger. */
export interface Compressor {
  /** On the calling thread; undefined where the library has the thread pool only. */
  readonly compressSync: ((this: void, bytes: Buffer) => Buffer) | undefined
  /** In the thread pool, which reads the caller's memory meanwhile. */
  compress(bytes: Buffer): Promise<Buffer>
}
