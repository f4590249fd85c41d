import type { SourcePatch } from '../simulation/campaign/source-patch.ts'
import type { Histories } from '../simulation/plan/histories.ts'

/** A bug that a producer might have, made on purpose: a simulation that is worth anything finds it. */
export interface Mutant extends SourcePatch {
  /** What the broken engine does or believes, as a sentence. */
  readonly name: string
  /** Which promise it breaks, and in which client the bug was real where that is known. */
  readonly danger: string
  /** What the histories are about that find it. Default: delivery. */
  readonly histories?: Histories
}
