import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { Simulation } from '../simulation.ts'

/** A fault that has begun. */
export interface FaultContext {
  readonly simulation: Simulation
  /** Its own chance. */
  readonly random: SeededRandom
  readonly durationMs: number
  /** It has hit something. */
  readonly fired: (what: string) => void
}

/** One way in which things go wrong. */
export interface FaultKind {
  readonly name: string
  /** How likely a seed knows of it. */
  readonly weight: number
  readonly durationsMs: readonly [shortest: number, longest: number]
  /** Answers what ends it before its time. */
  readonly start: (context: FaultContext) => () => void
}

export const nothingToEnd = (): void => {}
