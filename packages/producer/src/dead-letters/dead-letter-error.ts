import type { RecordMetadata } from '../batch/deliveries.ts'
import { KafkaError } from '../errors.ts'

/**
 * A record failed, and a dead letter was written of it, or was to be. Everything but the message is as its own error had
 * it, which is the `cause`.
 */
export class DeadLetterError extends KafkaError {
  override readonly name: string = 'KafkaError'
  /** Where the dead letter is; undefined when it failed too. */
  readonly deadLetter: RecordMetadata | undefined
  /** Why there is no dead letter. */
  readonly deadLetterError: KafkaError | undefined

  constructor(error: KafkaError, topic: string, letter: RecordMetadata | KafkaError) {
    const isWritten = !(letter instanceof KafkaError)
    const told = isWritten
      ? `a dead letter is in ${letter.topic}-${letter.partition}`
      : `its dead letter for ${topic} failed too: ${letter.message}`
    const { code, outcome, retriable, fatal, requiresAbort, partition, message } = error
    super(code, `${message}; ${told}`, { outcome, retriable, fatal, requiresAbort, partition, cause: error })
    this.deadLetter = isWritten ? letter : undefined
    this.deadLetterError = isWritten ? undefined : letter
  }
}
