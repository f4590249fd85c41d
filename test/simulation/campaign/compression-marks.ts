import { type Mark, marksIn } from './mark.ts'

/** Every way in which a batch comes by its compressed bytes. */
export const COMPRESSION_MARKS: readonly Mark[] = [
  ...marksIn('batch/batch-compressor.ts', {
    'a batch is compressed at once': 'batch.onCompressed(codec, codec.compressSync(',
    'a batch is compressed ahead of its turn': 'this.#deps.codec.poolFromBytes) this.prepare(next)',
    'what the pool has compressed is sent': '&& !batch.isSettled) batch.onCompressed(codec',
  }),
  ...marksIn('batch/producer-batch.ts', {
    'a batch does not shrink and goes as it is': 'wireBytes >= rawBytes) return',
  }),
]
