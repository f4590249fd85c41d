import { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { SimulationSettings } from '../settings.ts'
import type { Outcome } from './campaign-messages.ts'
import { CampaignThread } from './campaign-thread.ts'
import { CANARY } from './canary.ts'

/** Of a hundred histories, so many run twice, to see that they are the same. */
const TWICE_EVERY = 100

export interface CampaignResult {
  readonly outcomes: readonly Outcome[]
  /** Seeds whose history did not end, or took its thread with it. */
  readonly crashed: readonly { readonly seed: number; readonly reason: string }[]
  readonly marks: Readonly<Record<string, number>>
  readonly seconds: number
}

export interface CampaignEvents {
  readonly onOutcome: (outcome: Outcome, doneCount: number) => void
}

/** Runs many histories on several threads. A canary ends with the first that finds it. */
export async function runCampaign(
  settings: SimulationSettings,
  { onOutcome }: CampaignEvents,
  signal: AbortSignal,
): Promise<CampaignResult> {
  const startedMs = performance.now()
  const outcomes: Outcome[] = []
  const crashed: { seed: number; reason: string }[] = []
  const marks: Record<string, number> = {}
  const seeds = seedsFrom(settings.base, settings.seedCount)
  const isFound = (): boolean => settings.isCanary && (crashed.length > 0 || outcomes.some(isFailure))

  const lane = async (): Promise<void> => {
    const thread = await CampaignThread.start({
      patches: settings.isCanary ? [CANARY] : [],
      histories: settings.histories,
      countsMarks: !settings.isCanary,
      shrinks: true,
    })
    try {
      for (let next = seeds.next(); next.done !== true; next = seeds.next()) {
        if (signal.aborted || isFound()) break
        const { index, seed } = next.value
        const outcome = await thread.run(seed, index % TWICE_EVERY === 0).catch((error: unknown) => {
          crashed.push({ seed, reason: String(error) })
          return undefined
        })
        if (outcome === undefined) return await lane()
        outcomes.push(outcome)
        onOutcome(outcome, outcomes.length)
      }
      for (const [name, count] of Object.entries(await thread.finish())) marks[name] = (marks[name] ?? 0) + count
    } finally {
      await thread.stop()
    }
  }
  await Promise.all(Array.from({ length: settings.workerCount }, lane))
  return { outcomes, crashed, marks, seconds: (performance.now() - startedMs) / 1000 }
}

export function isFailure({ violations, isRepeatable }: Outcome): boolean {
  return violations.length > 0 || isRepeatable === false
}

/** The seeds of a campaign. */
export function* seedsFrom(base: number, count: number): Generator<{ readonly index: number; readonly seed: number }> {
  const random = new SeededRandom(base)
  for (let index = 0; index < count; index++) yield { index, seed: random.below(2 ** 32) }
}
