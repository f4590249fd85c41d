import { AskedJvm } from '../real-kafka/asked-jvm.ts'

export type Isolation = 'read_committed' | 'read_uncommitted'

/** A record as Java's consumer saw it. */
export interface WitnessedRecord {
  readonly partition: number
  readonly offset: number
  readonly value: string
}

/** How far readers come in a partition. They differ while a transaction is open there, or hangs. */
export interface PartitionEnds {
  readonly lastStableOffset: number
  readonly highWatermark: number
}

/** How far a group has come in a partition. */
export interface CommittedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** What the coordinator knows of a transactional id. */
export interface WitnessedTransaction {
  /** As Kafka names it: 'Empty', 'Ongoing', 'PrepareCommit', 'CompleteCommit' and so on. */
  readonly state: string
  readonly coordinatorId: number
  readonly producerId: number
  readonly producerEpoch: number
}

/** What Kafka's own consumer and admin client see of transactions, in a JVM that stays up: see TransactionWitness.java. */
export class TransactionWitness {
  readonly #jvm: AskedJvm

  private constructor(jvm: AskedJvm) {
    this.#jvm = jvm
  }

  static async start(bootstrapServers: string): Promise<TransactionWitness> {
    return new TransactionWitness(await AskedJvm.start('TransactionWitness', [bootstrapServers]))
  }

  /** All records of a topic, up to where readers of this isolation come now. In order within each partition. */
  async records(topic: string, isolation: Isolation): Promise<WitnessedRecord[]> {
    return tokensOf(await this.#jvm.ask(`records ${isolation} ${topic}`)).map(([partition, offset, value = '']) => ({
      partition: Number(partition),
      offset: Number(offset),
      value: Buffer.from(value, 'base64').toString(),
    }))
  }

  async values(topic: string, isolation: Isolation): Promise<string[]> {
    return (await this.records(topic, isolation)).map(({ value }) => value)
  }

  /** By partition. */
  async endsOf(topic: string): Promise<PartitionEnds[]> {
    return tokensOf(await this.#jvm.ask(`ends ${topic}`)).map(([stable, all]) => ({
      lastStableOffset: Number(stable),
      highWatermark: Number(all),
    }))
  }

  async committedOffsets(groupId: string): Promise<CommittedOffset[]> {
    return tokensOf(await this.#jvm.ask(`committed ${groupId}`)).map(([topic = '', partition, offset]) => ({
      topic,
      partition: Number(partition),
      offset: Number(offset),
    }))
  }

  async transaction(transactionalId: string): Promise<WitnessedTransaction> {
    const [state = '', coordinatorId, producerId, producerEpoch] = (
      await this.#jvm.ask(`transaction ${transactionalId}`)
    ).split(':')
    return {
      state,
      coordinatorId: Number(coordinatorId),
      producerId: Number(producerId),
      producerEpoch: Number(producerEpoch),
    }
  }

  /** Upgrades or downgrades the cluster's transaction.version while it runs. */
  async setTransactionVersion(level: 1 | 2): Promise<void> {
    await this.#jvm.ask(`feature ${level}`)
  }

  async stop(): Promise<void> {
    await this.#jvm.stop()
  }
}

/** An answer's items, each split at its colons. */
function tokensOf(answer: string): string[][] {
  return answer === '' ? [] : answer.split(' ').map((item) => item.split(':'))
}
