import type { Workload } from '../../workload.ts'

/** Two engines that take turns in one process, at a workload of which each turn has its `records`. */
export interface PairsWorkload extends Omit<Workload, 'topic'> {
  /** Each engine has its own. */
  readonly topics: Readonly<Record<Side, string>>
  /** Who is loaded first, and has the first turn. */
  readonly first: Side
  /** How often each has its turn. */
  readonly pairs: number
}

export const SIDES = ['observed', 'unobserved'] as const

/** The engine as it is, with nobody listening; and without all that observes it. */
export type Side = (typeof SIDES)[number]

/** Microseconds of CPU per record, turn by turn. */
export type PairsMeasurement = Readonly<Record<Side, number[]>>
