import { AskedJvm } from '../real-kafka/asked-jvm.ts'

/** Kafka's own transactional producers, one after another in one JVM. Their commands stand in ScriptedProducer.java. */
export class JavaProducer {
  readonly #jvm: AskedJvm

  private constructor(jvm: AskedJvm) {
    this.#jvm = jvm
  }

  static async start(bootstrapServers: string): Promise<JavaProducer> {
    return new JavaProducer(await AskedJvm.start('ScriptedProducer', [bootstrapServers]))
  }

  /** What is told from here on is told to a new producer. */
  async renew(transactionalId: string, transactionTimeoutMs: number): Promise<void> {
    await this.tell(`new ${transactionalId} ${transactionTimeoutMs}`)
  }

  /** @throws with the simple name of the exception at the end of the message */
  async tell(command: string): Promise<void> {
    await this.#jvm.ask(command)
  }

  async stop(): Promise<void> {
    await this.#jvm.stop()
  }
}
