import { AskedJvm } from '../../real-kafka/asked-jvm.ts'

/** Java's Admin client in a JVM that stays up, for what operators do to a cluster: see ClusterAdmin.java. */
export class ClusterAdmin {
  readonly #jvm: AskedJvm

  private constructor(jvm: AskedJvm) {
    this.#jvm = jvm
  }

  static async start(bootstrapServers: string): Promise<ClusterAdmin> {
    return new ClusterAdmin(await AskedJvm.start('ClusterAdmin', [bootstrapServers]))
  }

  async createTopic(topic: string, partitionCount: number): Promise<void> {
    await this.#jvm.ask(`create ${topic} ${partitionCount}`)
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#jvm.ask(`delete ${topic}`)
  }

  async addPartitions(topic: string, partitionCount: number): Promise<void> {
    await this.#jvm.ask(`partitions ${topic} ${partitionCount}`)
  }

  /** The node id of the active controller. */
  async controller(): Promise<number> {
    return Number(await this.#jvm.ask('controller'))
  }

  /** How many partitions lack a leader or an in-sync replica. */
  async unsyncedCount(): Promise<number> {
    return Number(await this.#jvm.ask('unsynced'))
  }

  /** By partition; NaN for one that has none. */
  async leadersOf(topic: string): Promise<number[]> {
    return (await this.#jvm.ask(`leaders ${topic}`)).split(' ').map(Number)
  }

  /** How often each partition's leader has changed. */
  async leaderEpochsOf(topic: string): Promise<number[]> {
    return (await this.#jvm.ask(`epochs ${topic}`)).split(' ').map(Number)
  }

  /** Gives every partition another leader, which the seed chooses. Answers how many have one then: none of a topic that is not there. */
  async moveLeaders(topic: string, seed: number): Promise<number> {
    return Number(await this.#jvm.ask(`move ${topic} ${seed}`))
  }

  async stop(): Promise<void> {
    await this.#jvm.stop()
  }
}
