import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { javaClasses, javaProgram } from '../../real-kafka/java.ts'
import { kafkaLibs } from '../../real-kafka/kafka-libs.ts'

type Answer = (line: string) => void

/** Java's Admin client in a JVM that stays up, for what operators do to a cluster: see ClusterAdmin.java. */
export class ClusterAdmin {
  readonly #child: ChildProcess
  /** Commands without an answer yet, oldest first. */
  readonly #asked: Answer[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(bootstrapServers: string): Promise<ClusterAdmin> {
    const libs = await kafkaLibs()
    const classpath = `${join(libs, '*')}:${await javaClasses('ClusterAdmin', libs)}`
    const jvm = [
      '-Xmx64m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=off',
      '-cp',
      classpath,
    ]
    const child = spawn(javaProgram('java'), [...jvm, 'ClusterAdmin', bootstrapServers], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Out of reach of the terminal's Ctrl-C; the end of its input ends it.
      detached: true,
    })
    const admin = new ClusterAdmin(child)
    createInterface({ input: child.stdout }).on('line', (line) => admin.#asked.shift()?.(line))
    child.once('exit', () => {
      for (const answer of admin.#asked.splice(0)) answer('error the JVM of the admin client has ended')
    })
    child.stdin.on('error', () => {}) // its end answers
    return admin
  }

  async createTopic(topic: string, partitionCount: number): Promise<void> {
    await this.#ask(`create ${topic} ${partitionCount}`)
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#ask(`delete ${topic}`)
  }

  async addPartitions(topic: string, partitionCount: number): Promise<void> {
    await this.#ask(`partitions ${topic} ${partitionCount}`)
  }

  /** The node id of the active controller. */
  async controller(): Promise<number> {
    return Number(await this.#ask('controller'))
  }

  /** How many partitions lack a leader or an in-sync replica. */
  async unsyncedCount(): Promise<number> {
    return Number(await this.#ask('unsynced'))
  }

  /** By partition; NaN for one that has none. */
  async leadersOf(topic: string): Promise<number[]> {
    return (await this.#ask(`leaders ${topic}`)).split(' ').map(Number)
  }

  /** How often each partition's leader has changed. */
  async leaderEpochsOf(topic: string): Promise<number[]> {
    return (await this.#ask(`epochs ${topic}`)).split(' ').map(Number)
  }

  /** Gives every partition another leader, which the seed chooses. Answers how many have one then. */
  async moveLeaders(topic: string, seed: number): Promise<number> {
    return Number(await this.#ask(`move ${topic} ${seed}`))
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  async #ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#asked.push((line) => {
        const space = line.indexOf(' ')
        if (line.slice(0, space) === 'ok') resolve(line.slice(space + 1))
        else reject(new Error(`${command}: ${line}`))
      })
      this.#child.stdin?.write(`${command}\n`)
    })
  }
}
