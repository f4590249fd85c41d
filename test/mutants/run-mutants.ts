import { CampaignThread } from '../simulation/campaign/campaign-thread.ts'
import { seedsFrom } from '../simulation/campaign/run-campaign.ts'
import type { Histories } from '../simulation/plan/histories.ts'
import { Control } from './control.ts'
import type { Mutant } from './mutant.ts'
import type { MutantsSettings } from './settings.ts'
import { oracleOf, type Verdict } from './verdict.ts'

export interface MutantsResult {
  readonly verdicts: readonly Verdict[]
  /** Seeds that were passed over, since the engine as it is fails them. */
  readonly unsoundSeeds: readonly number[]
  readonly seconds: number
}

/** Gives every mutant the same histories, one after the other, until one of them finds it. */
export async function runMutants(
  mutants: readonly Mutant[],
  settings: MutantsSettings,
  onVerdict: (verdict: Verdict) => void,
  signal: AbortSignal,
): Promise<MutantsResult> {
  const startedMs = performance.now()
  const controls = { delivery: new Control('delivery'), transactions: new Control('transactions') }
  const verdicts: Verdict[] = []
  const waiting = [...mutants]
  const lane = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined && !signal.aborted; mutant = waiting.shift()) {
      const verdict = await verdictOn(mutant, settings, controls[historiesFor(mutant)], signal)
      if (verdict === undefined) return
      verdicts.push(verdict)
      onVerdict(verdict)
    }
  }
  try {
    await Promise.all(Array.from({ length: settings.workerCount }, lane))
    return {
      verdicts,
      unsoundSeeds: [...(await controls.delivery.unsoundSeeds()), ...(await controls.transactions.unsoundSeeds())],
      seconds: (performance.now() - startedMs) / 1000,
    }
  } finally {
    await controls.delivery.stop()
    await controls.transactions.stop()
  }
}

function historiesFor({ histories = 'delivery' }: Mutant): Histories {
  return histories
}

/** Undefined when it was interrupted. */
async function verdictOn(
  mutant: Mutant,
  { base, seedCount }: MutantsSettings,
  control: Control,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const thread = await CampaignThread.start({
    patches: [mutant],
    histories: historiesFor(mutant),
    countsMarks: false,
    shrinks: false,
  }).catch((error: unknown) => String(error))
  if (typeof thread === 'string') return { kind: 'no verdict', mutant, seed: 0, reason: thread }
  let seeds = 0
  try {
    for (const { seed } of seedsFrom(base, seedCount)) {
      if (signal.aborted) return undefined
      let violations: readonly string[]
      try {
        violations = (await thread.run(seed, false)).violations
      } catch (error) {
        return { kind: 'no verdict', mutant, seed, reason: String(error) }
      }
      const [violation] = violations
      if (violation !== undefined && !(await control.isSound(seed))) continue
      seeds += 1
      if (violation === undefined) continue
      return { kind: 'killed', mutant, seedsToKill: seeds, seed, oracle: oracleOf(violation), violation }
    }
    return { kind: 'survived', mutant, seeds }
  } finally {
    await thread.stop()
  }
}
