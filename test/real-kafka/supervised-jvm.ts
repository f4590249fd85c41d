import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { javaClasses, javaProgram, JDK_MISSING } from './java.ts'
import { lastLines } from './run-command.ts'

export interface JvmStart {
  /** Jars of the main class. */
  readonly libs: string
  readonly mainClass: string
  readonly args: readonly string[]
  readonly heapMb: number
  /** Removed by the JVM itself when this process dies without stopping it. */
  readonly directory: string
  /** Takes the JVM's output. */
  readonly logFile: string
  readonly jvmArgs?: readonly string[]
  /** Folders of classes beside the jars. */
  readonly classpath?: readonly string[]
}

// The garbage collector as bin/kafka-run-class.sh sets it, so that benchmarks see the broker that everyone runs.
const KAFKA_JVM_ARGS = ['-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35']

/** A JVM that ends with this process, however this process ends: see Supervisor.java. */
export class SupervisedJvm {
  readonly #child: ChildProcess
  readonly #logFile: string

  private constructor(child: ChildProcess, logFile: string) {
    this.#child = child
    this.#logFile = logFile
  }

  static async start(options: JvmStart): Promise<SupervisedJvm> {
    const { libs, mainClass, args, heapMb, directory, logFile, jvmArgs = [], classpath: folders = [] } = options
    const classpath = [join(libs, '*'), await javaClasses('Supervisor'), ...folders].join(':')
    const jvm = [`-Xmx${heapMb}m`, ...KAFKA_JVM_ARGS, '-Djava.awt.headless=true', ...jvmArgs, '-cp', classpath]
    const log = openSync(logFile, 'a')
    const child = spawn(javaProgram('java'), [...jvm, 'Supervisor', directory, mainClass, ...args], {
      stdio: ['pipe', log, log],
      // Out of reach of the terminal's Ctrl-C: the JVM would end on its own and leave its data behind.
      detached: true,
    })
    closeSync(log)
    await once(child, 'spawn').catch((cause: unknown) => {
      throw new Error(JDK_MISSING, { cause })
    })
    // A script that ends must be free to end: its end is what stops the JVM.
    child.unref()
    return new SupervisedJvm(child, logFile)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** The end of what it printed. */
  get lastLines(): string {
    return lastLines(readFileSync(this.#logFile, 'utf8'))
  }

  /** Sends the signal and waits for the end. SIGTERM lets a broker hand its partitions over, SIGKILL is a crash. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.hasEnded) return
    const exited = once(this.#child, 'exit')
    this.#child.ref()
    this.#child.kill(signal)
    await exited
  }
}
