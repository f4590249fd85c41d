import type { Histories } from '../plan/histories.ts'
import type { SimulationSettings } from '../settings.ts'
import type { CampaignResult } from './run-campaign.ts'
import { isFailure } from './run-campaign.ts'
import { marksOf } from './marks.ts'

/** What the histories of a campaign must reach to have tested anything: medians. */
const ENOUGH: Readonly<
  Record<Histories, { readonly records: number; readonly transactions: number; readonly faults: number }>
> = {
  delivery: { records: 500, transactions: 0, faults: 5 },
  transactions: { records: 30, transactions: 6, faults: 3 },
}
/** Fewer histories need not pass every mark, and their medians are what chance makes of them. */
const SEEDS_THAT_TELL = 1_000

export interface CampaignSummary {
  readonly seeds: number
  readonly base: number
  readonly failed: number
  readonly records: number
  readonly recordsMedian: number
  readonly acknowledged: number
  readonly never: number
  readonly unknown: number
  readonly faultsMedian: number
  readonly transactions: number
  readonly transactionsMedian: number
  readonly committed: number
  readonly virtualHours: number
  readonly seedsPerSecond: number
  readonly ranTwice: number
  readonly marks: number
  readonly marksMissed: readonly string[]
  readonly passed: boolean
}

export function summaryOf(settings: SimulationSettings, result: CampaignResult): CampaignSummary {
  const { outcomes, crashed, marks, seconds } = result
  const sum = (of: (outcome: CampaignResult['outcomes'][number]) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const failed = outcomes.filter(isFailure).length + crashed.length
  const recordsMedian = medianOf(outcomes.map(({ delivery }) => delivery.sent))
  const faultsMedian = medianOf(outcomes.map(({ fired }) => Object.values(fired).reduce((a, b) => a + b, 0)))
  const transactionsMedian = medianOf(outcomes.map(({ transactions }) => transactions.transactions))
  const enough = ENOUGH[settings.histories]
  const isEnough =
    recordsMedian >= enough.records && transactionsMedian >= enough.transactions && faultsMedian >= enough.faults
  const expected = marksOf(settings.histories)
  const marksMissed = expected
    .filter(({ name }) => !((marks[name] ?? 0) > 0))
    .map(({ name, file }) => `${name} (${Number.isNaN(marks[name]) ? 'its code is not in' : 'in'} ${file})`)
  const hasTestedEnough = settings.seedCount < SEEDS_THAT_TELL || (isEnough && marksMissed.length === 0)
  return {
    seeds: outcomes.length + crashed.length,
    base: settings.base,
    failed,
    records: sum(({ delivery }) => delivery.sent),
    recordsMedian,
    acknowledged: sum(({ delivery }) => delivery.acked),
    never: sum(({ delivery }) => delivery.never),
    unknown: sum(({ delivery }) => delivery.unknown),
    faultsMedian,
    transactions: sum(({ transactions }) => transactions.transactions),
    transactionsMedian,
    committed: sum(({ transactions }) => transactions.committed),
    virtualHours: sum(({ virtualMs }) => virtualMs) / 3_600_000,
    seedsPerSecond: outcomes.length / seconds,
    ranTwice: outcomes.filter(({ isRepeatable }) => isRepeatable !== undefined).length,
    marks: expected.length,
    marksMissed,
    passed: failed === 0 && hasTestedEnough,
  }
}

export function reportFor(summary: CampaignSummary, { outcomes, marks, seconds }: CampaignResult): string {
  const number = (value: number): string => Math.round(value).toLocaleString('en')
  const fired: Record<string, number> = {}
  for (const outcome of outcomes) {
    for (const [kind, count] of Object.entries(outcome.fired)) fired[kind] = (fired[kind] ?? 0) + count
  }
  const counted = (counts: Readonly<Record<string, number>>): string[] =>
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, count]) => `  ${number(count).padStart(12)}  ${name}`)
  return [
    `faults that hit something, by kind`,
    ...counted(fired),
    `marks of the engine, and how often they were passed`,
    ...counted(marks),
    `seeds         ${number(summary.seeds)} from base ${summary.base}, ${summary.ranTwice} of them twice`,
    `records       ${number(summary.records)}, median ${number(summary.recordsMedian)} a seed: ${number(summary.acknowledged)} acknowledged, ${number(summary.never)} 'never', ${number(summary.unknown)} 'unknown'`,
    `transactions  ${number(summary.transactions)}, median ${number(summary.transactionsMedian)} a seed: ${number(summary.committed)} committed`,
    `faults        median ${number(summary.faultsMedian)} a seed hit something`,
    `virtual time  ${summary.virtualHours.toFixed(1)} hours in ${seconds.toFixed(0)} s, ${summary.seedsPerSecond.toFixed(1)} seeds/s`,
    `marks         ${summary.marks - summary.marksMissed.length} of ${summary.marks}${summary.marksMissed.map((name) => `\n  NOT REACHED: ${name}`).join('')}`,
    `failed        ${number(summary.failed)}`,
  ].join('\n')
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
