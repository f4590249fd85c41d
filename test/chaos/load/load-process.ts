import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { isLoadAnswer, type LaneReport, type LoadAnswer, type LoadCommand, type LoadCounts } from './load-messages.ts'
import type { LeaderChange } from './load-lane.ts'

const PROGRAM = join(import.meta.dirname, 'load-program.ts')
/** A process whose producers are closed has nothing left to do. */
const EXIT_TIMEOUT_MS = 5_000

type Start = Extract<LoadCommand, { name: 'start' }>
type Command = LoadCommand extends infer Each ? (Each extends LoadCommand ? Omit<Each, 'number'> : never) : never

/** The producers under test, in a process of their own, which can be stalled and frozen while we look on. */
export class LoadProcess {
  readonly #child: ChildProcess
  readonly #asked = new Map<number, { resolve: (answer: LoadAnswer) => void; reject: (error: Error) => void }>()
  #number = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (answer) => {
      if (isLoadAnswer(answer)) this.#onAnswer(answer)
    })
    child.once('exit', (code, signal) => {
      const error = new Error(`the process of the load ended with ${signal ?? code}`)
      for (const { reject } of this.#asked.values()) reject(error)
      this.#asked.clear()
    })
  }

  static async start(options: Omit<Start, 'name' | 'number'>): Promise<LoadProcess> {
    // Out of reach of the terminal's Ctrl-C; the end of its channel ends it.
    const load = new LoadProcess(fork(PROGRAM, { detached: true }))
    await load.#ask({ name: 'start', ...options })
    return load
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Blocks its event loop, and waits until it runs again. */
  async stall(ms: number): Promise<void> {
    await this.#ask({ name: 'stall', ms })
  }

  /** Settles one lane and checks its log while the others go on. */
  async endLife(lane: string): Promise<void> {
    await this.#ask({ name: 'endLife', lane })
  }

  /** Goes on with that lane, in a log that is empty. */
  async newLife(lane: string): Promise<void> {
    await this.#ask({ name: 'newLife', lane })
  }

  async counts(): Promise<LoadCounts> {
    const answer = await this.#ask({ name: 'counts' })
    return answer.name === 'counts' ? answer.counts : {}
  }

  /** Sends the rest, settles all, and closes the producers. */
  async finish(): Promise<void> {
    await this.#ask({ name: 'finish' })
  }

  /** Reads everything back and compares. */
  async check(leaderChanges: readonly LeaderChange[]): Promise<readonly LaneReport[]> {
    const answer = await this.#ask({ name: 'check', leaderChanges })
    return answer.name === 'reports' ? answer.reports : []
  }

  /** Whether the process ends of its own accord now that its producers are closed. */
  async ends(): Promise<boolean> {
    const exited = once(this.#child, 'exit', { signal: AbortSignal.timeout(EXIT_TIMEOUT_MS) })
    await this.#ask({ name: 'leave' })
    return exited.then(
      () => true,
      () => false,
    )
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  async #ask(command: Command): Promise<LoadAnswer> {
    const number = this.#number++
    return new Promise((resolve, reject) => {
      this.#asked.set(number, { resolve, reject })
      this.#child.send({ ...command, number }, (error) => {
        if (error !== null) this.#settle(number)?.reject(error)
      })
    })
  }

  #onAnswer(answer: LoadAnswer): void {
    const asked = this.#settle(answer.number)
    if (answer.name === 'failed') asked?.reject(new Error(`the load: ${answer.reason}`))
    else asked?.resolve(answer)
  }

  #settle(number: number): { resolve: (answer: LoadAnswer) => void; reject: (error: Error) => void } | undefined {
    const asked = this.#asked.get(number)
    this.#asked.delete(number)
    return asked
  }
}
