import type { MutantsResult } from './run-mutants.ts'
import type { MutantsSettings } from './settings.ts'
import type { Verdict } from './verdict.ts'

export interface MutantsSummary {
  readonly mutants: number
  readonly killed: number
  readonly survivors: readonly string[]
  readonly withoutVerdict: readonly string[]
  readonly seedsToKillMedian: number
  readonly seedsToKillMax: number
  /** How many each oracle has found. */
  readonly oracles: Readonly<Record<string, number>>
  readonly base: number
  readonly seeds: number
  readonly unsoundSeeds: readonly number[]
  readonly seconds: number
  readonly passed: boolean
}

type Killed = Extract<Verdict, { kind: 'killed' }>

export function summaryOf(
  settings: MutantsSettings,
  { verdicts, unsoundSeeds, seconds }: MutantsResult,
): MutantsSummary {
  const killed = verdicts.filter((verdict): verdict is Killed => verdict.kind === 'killed')
  const seedsToKill = killed.map((verdict) => verdict.seedsToKill).toSorted((a, b) => a - b)
  const oracles: Record<string, number> = {}
  for (const { oracle } of killed) oracles[oracle] = (oracles[oracle] ?? 0) + 1
  return {
    mutants: verdicts.length,
    killed: killed.length,
    survivors: namesOf('survived', verdicts),
    withoutVerdict: namesOf('no verdict', verdicts),
    seedsToKillMedian: seedsToKill[Math.floor(seedsToKill.length / 2)] ?? 0,
    seedsToKillMax: seedsToKill.at(-1) ?? 0,
    oracles,
    base: settings.base,
    seeds: settings.seedCount,
    unsoundSeeds,
    seconds: Math.round(seconds),
    passed: killed.length === verdicts.length && verdicts.length > 0 && unsoundSeeds.length === 0,
  }
}

/** One line on a mutant. */
export function lineFor(verdict: Verdict): string {
  const { name } = verdict.mutant
  switch (verdict.kind) {
    case 'killed':
      return `${String(verdict.seedsToKill).padStart(6)}  ${name}\n        ${verdict.oracle}: ${verdict.violation.slice(0, 160)}`
    case 'survived':
      return `SURVIVED ${verdict.seeds} histories: ${name}\n        it would mean: ${verdict.mutant.danger}`
    case 'no verdict':
      return `NO VERDICT: ${name}\n        seed ${verdict.seed}: ${verdict.reason}`
  }
}

export function reportFor(summary: MutantsSummary): string {
  const oracles = Object.entries(summary.oracles).toSorted(([, a], [, b]) => b - a)
  return [
    `mutants        ${summary.killed} of ${summary.mutants} found`,
    `seeds to kill  median ${summary.seedsToKillMedian}, max ${summary.seedsToKillMax}, of ${summary.seeds} from base ${summary.base}`,
    `found by       ${oracles.map(([oracle, count]) => `${oracle} ${count}`).join(', ')}`,
    ...summary.unsoundSeeds.map((seed) => `THE ENGINE AS IT IS FAILS SEED ${seed}: pnpm sim --seed ${seed}`),
    `time           ${summary.seconds} s`,
  ].join('\n')
}

function namesOf(kind: Verdict['kind'], verdicts: readonly Verdict[]): string[] {
  return verdicts.filter((verdict) => verdict.kind === kind).map(({ mutant }) => mutant.name)
}
