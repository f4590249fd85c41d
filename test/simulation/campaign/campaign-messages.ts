import type { Histories } from '../plan/histories.ts'
import type { Plan } from '../plan/plan.ts'
import type { SimulationResult } from '../simulation.ts'
import type { SourcePatch } from './source-patch.ts'

/** What a worker thread is started with. */
export interface WorkerOptions {
  readonly patches: readonly SourcePatch[]
  readonly histories: Histories
  /** Count how often marks of the engine are passed. */
  readonly countsMarks: boolean
  /** Make the plan of a history that fails as small as it goes: it takes a hundred more runs. */
  readonly shrinks: boolean
}

export type ToWorker =
  /** Run the history of this seed, and once more if `twice`. */
  | { readonly kind: 'run'; readonly seed: number; readonly twice: boolean }
  /** Nothing more to do: tell the marks. */
  | { readonly kind: 'finish' }

export interface Outcome extends SimulationResult {
  /** A second run made the same trace; undefined when there was none. */
  readonly isRepeatable: boolean | undefined
  /** What is left of the plan after everything was taken away that the violation does not need. */
  readonly shrunk: Plan | undefined
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'finished'; readonly marks: Readonly<Record<string, number>> }
