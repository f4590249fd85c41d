import { KafkaError } from '../errors.ts'
import { partsOf, type Producer } from '../producer.ts'
import type { Payload } from '../record/producer-record.ts'
import type { DeadLetterOptions } from './dead-letter-sender.ts'
import { DeadLetterProducer } from './dead-letter-producer.ts'

/**
 * Has a producer write a dead letter of each record that fails for good: its outcome is 'never', trying again would
 * not help, and the producer can go on. `<topic>.dlq` gets its key, value and headers, and as headers where it was to go (`dead-letter.topic`,
 * `dead-letter.partition`) and why it did not (`dead-letter.code`, `dead-letter.outcome`, `dead-letter.message`).
 *
 * The record still fails, once its dead letter is written: `deadLetter` of its error says where. When that fails too,
 * `deadLetterError` says why, and the logger; nothing is written of it a second time.
 *
 * @throws KafkaError INVALID_CONFIG for a transactional producer: what fails there aborts the transaction, and its dead
 *   letters with it
 */
export function withDeadLetters<Key = Payload, Value = Payload>(
  producer: Producer<Key, Value>,
  options: DeadLetterOptions = {},
): DeadLetterProducer<Key, Value> {
  if (partsOf(producer).transactions !== undefined) {
    throw new KafkaError(
      'INVALID_CONFIG',
      'withDeadLetters() takes no transactional producer: a dead letter would be aborted together with what failed. Use a producer without transactionalId',
      { outcome: 'never' },
    )
  }
  return new DeadLetterProducer(producer, options)
}
