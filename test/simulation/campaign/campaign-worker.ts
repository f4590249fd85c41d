import { parentPort, workerData } from 'node:worker_threads'
import type { FromWorker, Outcome, ToWorker, WorkerOptions } from './campaign-messages.ts'
import { MarkCounter } from './mark-counter.ts'
import { marksOf } from './marks.ts'
import { patchSources } from './source-patch.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from run-campaign.ts
const { patches, histories, countsMarks, shrinks } = workerData as WorkerOptions
const port = parentPort
if (port === null) throw new Error('this runs as a worker thread: see run-campaign.ts')

const marks = countsMarks ? new MarkCounter(marksOf(histories)) : undefined
patchSources(patches)
// Only now, so that the patches are in it.
const { runPlan } = await import('./run-plan.ts')
const { planFor } = await import('../plan/histories.ts')
const { shrink } = await import('./shrink.ts')
const { forbidImpurity } = await import('../purity.ts')
forbidImpurity()
// Thousands of records fail, as they should: a replay shows where.
Error.stackTraceLimit = 0

const tell = (message: FromWorker): void => port.postMessage(message)

async function outcomeOf(seed: number, twice: boolean): Promise<Outcome> {
  const plan = planFor(histories, seed)
  const { result, digest } = await runPlan(plan)
  const isRepeatable = twice ? (await runPlan(plan)).digest === digest : undefined
  const fails = async (candidate: typeof plan): Promise<boolean> => {
    const { result: again } = await runPlan(candidate)
    return again.violations.length > 0
  }
  const shrunk = shrinks && result.violations.length > 0 ? await shrink(plan, fails) : undefined
  return { ...result, isRepeatable, shrunk }
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'finish') {
    tell({ kind: 'finished', marks: marks?.counts() ?? {} })
    port.close()
    return
  }
  void outcomeOf(message.seed, message.twice).then((outcome) => tell({ kind: 'outcome', outcome }))
})
tell({ kind: 'ready' })
