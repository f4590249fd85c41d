/** A place in the engine that only trouble leads to. */
export interface Mark {
  readonly name: string
  /** In packages/producer/src. */
  readonly file: string
  /** Stands there once; in the block that is meant. */
  readonly code: string
}

/** Every branch that retries, recovers or gives up. A campaign that misses one has not tested it. */
export const MARKS: readonly Mark[] = [
  { name: 'a connection is lost under a batch', file: 'ack/batch-judge.ts', code: 'batch.lastError = error' },
]
