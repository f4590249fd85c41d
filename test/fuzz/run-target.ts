import * as fc from 'fast-check'
import type { FuzzTarget } from './fuzz-target.ts'

export interface FuzzSettings {
  readonly seed: number
  readonly timeMs: number
  /** Where fast-check found something: goes there at once. */
  readonly path?: string
}

export interface FuzzResult {
  readonly inputCount: number
  /** What was found, made as small as it goes, and how to see it again. */
  readonly finding: string | undefined
}

/** Throws inputs at a reader until its time is over or one of them breaks it. */
export async function runTarget({ name, property }: FuzzTarget, settings: FuzzSettings): Promise<FuzzResult> {
  const { seed, timeMs, path } = settings
  const details = await fc.check(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    plugins: [fc.interruptAfterTimeLimit(timeMs)],
    ...(path !== undefined && { path }),
  })
  const inputCount = details.numRuns
  if (!details.failed) return { inputCount, finding: undefined }
  const again = `pnpm fuzz --targets '${name}' --seed ${details.seed} --path '${details.counterexamplePath ?? ''}'`
  const input = fc.stringify(details.counterexample)
  return { inputCount, finding: `${name}: ${String(details.errorInstance)}\n  input: ${input}\n  again: ${again}` }
}
