/** The compressions of Kafka. */
export type CompressionName = 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** Compresses batches, for the engine. */
export interface Compression {
  /**
   * @param level undefined: the compression's own
   * @throws Error that says what is wrong: a level that is not there, or a package that is not installed
   */
  codecFor(name: CompressionName, level: number | undefined): BatchCodec
}

export interface BatchCodec {
  /** Kafka's number of the compression, 1 to 4. */
  readonly id: number
  /** From so many bytes on, `compress` is the cheaper one for the calling thread. */
  readonly poolFromBytes: number
  /** At once, on the calling thread; undefined when it failed. There is no such function where the library cannot. */
  readonly compressSync: ((pieces: readonly Uint8Array[]) => Uint8Array | undefined) | undefined
  /**
   * In another thread. The pieces are copied before it returns: their memory may be in other hands before the answer.
   * `onDone` gets undefined when it failed, and else bytes that are there until it returns.
   */
  compress(pieces: readonly Uint8Array[], onDone: (bytes: Uint8Array | undefined) => void): void
  /** @throws Error when the bytes are not what `compress` made of at most `maxBytes` */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array
}
