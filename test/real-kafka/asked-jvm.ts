import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { javaClasses, javaProgram } from './java.ts'
import { kafkaLibs } from './kafka-libs.ts'

type Answer = (line: string) => void

/**
 * A JVM that stays up and answers commands with Kafka's own client, one line for one line: to start a JVM for each
 * question costs a second.
 */
export class AskedJvm {
  readonly #child: ChildProcess
  /** Commands without an answer yet, oldest first. */
  readonly #asked: Answer[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** @param name of the program in test/java; it reads commands from stdin and answers "ok RESULT" or "error REASON" */
  static async start(name: string, args: readonly string[]): Promise<AskedJvm> {
    const libs = await kafkaLibs()
    const classpath = `${join(libs, '*')}:${await javaClasses(name, libs)}`
    const jvm = [
      '-Xmx64m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=off',
      '-cp',
      classpath,
    ]
    const child = spawn(javaProgram('java'), [...jvm, name, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Out of reach of the terminal's Ctrl-C; the end of its input ends it.
      detached: true,
    })
    const asked = new AskedJvm(child)
    createInterface({ input: child.stdout }).on('line', (line) => asked.#asked.shift()?.(line))
    child.once('exit', () => {
      for (const answer of asked.#asked.splice(0)) answer(`error the JVM of ${name} has ended`)
    })
    child.stdin.on('error', () => {}) // its end answers
    return asked
  }

  /** @throws with the program's reason */
  async ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#asked.push((line) => {
        const space = line.indexOf(' ')
        if (line.slice(0, space) === 'ok') resolve(line.slice(space + 1))
        else reject(new Error(`${command}: ${line}`))
      })
      this.#child.stdin?.write(`${command}\n`)
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
