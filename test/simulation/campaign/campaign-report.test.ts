import { beforeAll, describe, expect, test } from 'vitest'
import { planFor } from '../plan/histories.ts'
import type { SimulationSettings } from '../settings.ts'
import type { Outcome } from './campaign-messages.ts'
import { summaryOf } from './campaign-report.ts'
import { marksOf } from './marks.ts'
import { runPlan } from './run-plan.ts'

const RICH = { records: 30, transactions: 6, faults: 3 }
const POOR = { records: 30, transactions: 5, faults: 3 }

const SETTINGS: SimulationSettings = {
  seedCount: 250,
  base: 1,
  seed: undefined,
  planFile: undefined,
  traceFile: undefined,
  isCanary: false,
  histories: 'transactions',
  workerCount: 1,
  json: false,
}

interface Case {
  readonly name: string
  readonly seedCount: number
  readonly history: typeof RICH
  readonly markCount: number
  readonly violations: readonly string[]
  readonly passed: boolean
}

describe('summaryOf', () => {
  let real: Outcome

  beforeAll(async () => {
    const { result } = await runPlan(planFor('transactions', 1))
    real = { ...result, isRepeatable: undefined, shrunk: undefined }
  })

  test.each<Case>([
    { name: 'few may be poor by chance', seedCount: 250, history: POOR, markCount: 1, violations: [], passed: true },
    { name: 'few may miss a mark', seedCount: 250, history: RICH, markCount: 0, violations: [], passed: true },
    { name: 'few break no promise', seedCount: 250, history: RICH, markCount: 1, violations: ['lost'], passed: false },
    { name: 'many must be rich', seedCount: 1_000, history: POOR, markCount: 1, violations: [], passed: false },
    { name: 'many must pass every mark', seedCount: 1_000, history: RICH, markCount: 0, violations: [], passed: false },
    { name: 'many that do both pass', seedCount: 1_000, history: RICH, markCount: 1, violations: [], passed: true },
  ])('$name', ({ seedCount, history, markCount, violations, passed }) => {
    const outcome: Outcome = {
      ...real,
      violations,
      delivery: { ...real.delivery, sent: history.records },
      transactions: { ...real.transactions, transactions: history.transactions },
      fired: { freeze: history.faults },
    }
    const outcomes = Array.from({ length: seedCount }, () => outcome)
    const marks = Object.fromEntries(marksOf('transactions').map((mark) => [mark.name, markCount]))
    const summary = summaryOf({ ...SETTINGS, seedCount }, { outcomes, crashed: [], marks, seconds: 1 })
    expect(summary.passed).toBe(passed)
  })
})
