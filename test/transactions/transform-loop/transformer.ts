import { setTimeout as delay } from 'node:timers/promises'
import { type RunningProgram, startProgram } from '../../run-program.ts'

/** The exit code of a process that runs, or was killed. */
const NONE = null

export interface TransformerOptions {
  readonly bootstrapServers: string
  readonly input: string
  readonly output: string
  /** Its transactional id and the name of its group. */
  readonly name: string
  readonly partitions: readonly number[]
}

/** A process that copies partitions of a topic, and is started again with the same transactional id when it is killed. */
export class Transformer {
  readonly #options: TransformerOptions
  #program: RunningProgram
  /** Of the processes before this one. */
  #committedBefore = 0
  #stderr = ''
  killCount = 0

  constructor(options: TransformerOptions) {
    this.#options = options
    this.#program = this.#start()
  }

  /** Records in transactions whose commit was confirmed to a process. One that was killed may have committed more. */
  get committedCount(): number {
    return this.#committedBefore + countIn(this.#program.stdout())
  }

  /** What all processes have complained of. */
  get complaints(): string {
    return this.#stderr
  }

  async kill(): Promise<void> {
    if (this.#program.child.exitCode !== NONE) return // it is done
    this.killCount += 1
    this.#program.child.kill('SIGKILL')
    const { stdout, stderr } = await this.#program.ended
    this.#committedBefore += countIn(stdout)
    this.#stderr += stderr
    this.#program = this.#start()
  }

  /** @throws when a process ended by itself and was not done */
  async done(): Promise<void> {
    for (;;) {
      const program = this.#program
      const { exitCode, stderr } = await program.ended
      if (exitCode === 0) {
        this.#stderr += stderr
        return
      }
      if (exitCode !== NONE) throw new Error(`${this.#options.name} ended with ${exitCode}:\n${stderr}`)
      while (program === this.#program) await delay(20) // `kill` starts the next one
    }
  }

  stop(): void {
    this.#program.child.kill('SIGKILL')
  }

  #start(): RunningProgram {
    const { bootstrapServers, input, output, name, partitions } = this.#options
    return startProgram('test/transactions/transform-loop/transform-program.ts', [
      bootstrapServers,
      input,
      output,
      name,
      partitions.join(','),
    ])
  }
}

/** A process prints the number of records of each transaction it has committed. */
function countIn(stdout: string): number {
  return stdout.split('\n').reduce((sum, line) => sum + Number(line), 0)
}
