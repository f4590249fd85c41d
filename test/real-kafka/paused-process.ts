import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 2
/** It is stopped, or has ended. @source proc_pid_stat(5) */
const STILL = new Set(['T', 'Z', 'X'])

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
    await stopped(pid)
    return new PausedProcess(shell)
  }

  async resume(): Promise<void> {
    const exited = once(this.#shell, 'exit')
    this.#shell.stdin?.end('\n')
    await exited
  }
}

/** On a busy machine threads of the process go on after the signal: until one of them was given the processor, and saw it. */
async function stopped(pid: number): Promise<void> {
  while (process.platform === 'linux' && !(await isStopped(pid))) await delay(POLL_MS)
}

async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const states = await Promise.all(threads.map((thread) => stateOf(`/proc/${pid}/task/${thread}/stat`)))
  return states.every((state) => STILL.has(state))
}

/** Behind the thread's name, which may be any text in parentheses. X, dead, when it is gone. */
async function stateOf(path: string): Promise<string> {
  const stat = await readFile(path, 'utf8').catch(() => ') X')
  return stat
    .slice(stat.lastIndexOf(')') + 1)
    .trim()
    .slice(0, 1)
}
