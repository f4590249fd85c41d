import type { SourcePatch } from './source-patch.ts'

/** An engine that takes a lost connection for proof that nothing was written. A simulation that is worth anything finds it. */
export const CANARY: SourcePatch = {
  file: 'packages/producer/src/ack/batch-judge.ts',
  code: 'batch.mayBeWritten = true',
  instead: 'batch.mayBeWritten = false',
}
