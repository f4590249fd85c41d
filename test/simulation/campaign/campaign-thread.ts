import { Worker } from 'node:worker_threads'
import type { FromWorker, Outcome, ToWorker, WorkerOptions } from './campaign-messages.ts'

/** A history takes a fraction of a second: one that takes this long does not end. */
const HANG_MS = 120_000

/** A thread that runs one history at a time. */
export class CampaignThread {
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
