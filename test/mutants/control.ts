import { CampaignThread } from '../simulation/campaign/campaign-thread.ts'
import type { Histories } from '../simulation/plan/histories.ts'

/** The engine as it is. A history that it fails too says nothing about a mutant. */
export class Control {
  readonly #histories: Histories
  #thread: Promise<CampaignThread> | undefined
  readonly #isSound = new Map<number, Promise<boolean>>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(histories: Histories) {
    this.#histories = histories
  }

  /** The engine as it is passes the history of this seed. */
  isSound(seed: number): Promise<boolean> {
    const known = this.#isSound.get(seed)
    if (known !== undefined) return known
    const answer = this.#last.then(async () => {
      this.#thread ??= CampaignThread.start({
        patches: [],
        histories: this.#histories,
        countsMarks: false,
        shrinks: false,
      })
      return (await (await this.#thread).run(seed, false)).violations.length === 0
    })
    this.#last = answer
    this.#isSound.set(seed, answer)
    return answer
  }

  /** Seeds whose history the engine as it is does not pass. */
  async unsoundSeeds(): Promise<number[]> {
    const seeds: number[] = []
    for (const [seed, isSound] of this.#isSound) if (!(await isSound)) seeds.push(seed)
    return seeds
  }

  async stop(): Promise<void> {
    await (await this.#thread)?.stop()
  }
}
