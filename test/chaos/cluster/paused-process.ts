import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * A process that is stopped by SIGSTOP until `resume`.
 *
 * A shell holds it: should this process die meanwhile, the end of the shell's input makes it send SIGCONT. A process
 * left stopped could not notice that its run is over.
 */
export class PausedProcess {
  readonly #shell: ChildProcess

  private constructor(shell: ChildProcess) {
    this.#shell = shell
  }

  static async pause(pid: number): Promise<PausedProcess> {
    const script = `kill -STOP ${pid} && echo stopped; read line; kill -CONT ${pid}`
    const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    shell.stdin.on('error', () => {}) // the process is gone, and with it what there was to hold
    await once(shell.stdout, 'data')
    return new PausedProcess(shell)
  }

  async resume(): Promise<void> {
    const exited = once(this.#shell, 'exit')
    this.#shell.stdin?.end('\n')
    await exited
  }
}
