import { AskedJvm } from '../real-kafka/asked-jvm.ts'

export interface JavaProducerOptions {
  readonly bootstrapServers: string
  readonly transactionalId: string
  readonly transactionTimeoutMs?: number
}

/** Kafka's own transactional producer. Its commands stand in ScriptedProducer.java. */
export class JavaProducer {
  readonly #jvm: AskedJvm

  private constructor(jvm: AskedJvm) {
    this.#jvm = jvm
  }

  static async start(options: JavaProducerOptions): Promise<JavaProducer> {
    const { bootstrapServers, transactionalId, transactionTimeoutMs = 60_000 } = options
    const args = [bootstrapServers, transactionalId, String(transactionTimeoutMs)]
    return new JavaProducer(await AskedJvm.start('ScriptedProducer', args))
  }

  /** @throws with the simple name of the exception at the end of the message */
  async tell(command: string): Promise<void> {
    await this.#jvm.ask(command)
  }

  async stop(): Promise<void> {
    await this.#jvm.stop()
  }
}
