import { Worker } from 'node:worker_threads'
import { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import { CANARY } from './canary.ts'
import type { FromWorker, Outcome, ToWorker, WorkerOptions } from './campaign-messages.ts'
import type { SimulationSettings } from '../settings.ts'

/** A history takes a fraction of a second: one that takes this long does not end. */
const HANG_MS = 120_000
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
      countsMarks: !settings.isCanary,
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

function* seedsFrom(base: number, count: number): Generator<{ readonly index: number; readonly seed: number }> {
  const random = new SeededRandom(base)
  for (let index = 0; index < count; index++) yield { index, seed: random.below(2 ** 32) }
}

/** A thread that runs one history at a time. */
class CampaignThread {
  readonly #worker: Worker
  #onMessage: (message: FromWorker) => void = () => {}
  #onEnd: (error: Error) => void = () => {}

  private constructor(options: WorkerOptions) {
    this.#worker = new Worker(new URL('./campaign-worker.ts', import.meta.url), { workerData: options })
    this.#worker.on('message', (message: FromWorker) => this.#onMessage(message))
    this.#worker.on('error', (error) => this.#onEnd(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', (code) => this.#onEnd(new Error(`the thread ended with ${code}`)))
  }

  static async start(options: WorkerOptions): Promise<CampaignThread> {
    const thread = new CampaignThread(options)
    await thread.#answer(HANG_MS)
    return thread
  }

  async run(seed: number, twice: boolean): Promise<Outcome> {
    this.#tell({ kind: 'run', seed, twice })
    const answer = await this.#answer(HANG_MS)
    if (answer.kind !== 'outcome') throw new Error(`the thread answers ${answer.kind}`)
    return answer.outcome
  }

  async finish(): Promise<Readonly<Record<string, number>>> {
    this.#tell({ kind: 'finish' })
    const answer = await this.#answer(HANG_MS)
    return answer.kind === 'finished' ? answer.marks : {}
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #tell(message: ToWorker): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(message)
  }

  #answer(withinMs: number): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no end after ${withinMs / 1000} s`)), withinMs)
      this.#onMessage = (message) => {
        clearTimeout(timer)
        resolve(message)
      }
      this.#onEnd = (error) => {
        clearTimeout(timer)
        reject(error)
      }
    })
  }
}
