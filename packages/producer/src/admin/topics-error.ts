import { errorFor } from '@linger/protocol'
import { KafkaError, reasonOf } from '../errors.ts'

/** What a broker says of one topic. */
export interface TopicAnswer {
  readonly topic: string
  readonly errorCode: number
  readonly errorMessage?: string | null
}

/** Some topics of a call were refused; the others were not. `code` is that of the first of `failures`. */
export class TopicsError extends KafkaError {
  override readonly name: string = 'KafkaError'
  /** Why, for each topic that was refused. */
  readonly failures: ReadonlyMap<string, KafkaError>

  /** @param failures at least one */
  constructor(failures: ReadonlyMap<string, KafkaError>) {
    const errors = [...failures.values()]
    const [first] = errors
    const others = errors.length > 1 ? ` (and ${errors.length - 1} more topics)` : ''
    super(first?.code ?? 'UNKNOWN_SERVER_ERROR', `${first?.message}${others}`, {
      outcome: errors.every(({ outcome }) => outcome === 'never') ? 'never' : 'unknown',
      retriable: errors.every(({ retriable }) => retriable),
      cause: first,
    })
    this.failures = failures
  }
}

/**
 * Codes that prove that nothing was changed: controllers judge these before they change anything.
 *
 * All others may come afterwards, unknown ones too: a controller that was told to wait no longer goes on, and one that failed may
 * have written what it was asked for. NOT_CONTROLLER proves it, since it reaches clients only from brokers with ZooKeeper,
 * which ask themselves first. With KRaft it can come after the write, and brokers keep it to themselves and ask again.
 *
 * @source Kafka ReplicationControlManager, QuorumController.renounce, RequestChannel.shouldReturnNotController
 */
const DEFINITE_CODES: ReadonlySet<number> = new Set([3, 17, 29, 31, 35, 36, 37, 38, 39, 40, 41, 42, 44, 73, 89, 100])

/** @throws TopicsError when one of the topics was refused */
export function assertAccepted(answers: readonly TopicAnswer[]): void {
  const failures = new Map<string, KafkaError>()
  for (const { topic, errorCode, errorMessage } of answers) {
    if (errorCode !== 0) failures.set(topic, topicRefused(topic, errorCode, errorMessage))
  }
  if (failures.size > 0) throw new TopicsError(failures)
}

/** With outcome 'never' it is certain that the broker has done nothing for this topic. */
export function topicRefused(topic: string, errorCode: number, errorMessage?: string | null): KafkaError {
  const { name, meaning, retriable } = errorFor(errorCode)
  const outcome = DEFINITE_CODES.has(errorCode) ? 'never' : 'unknown'
  return new KafkaError(name, `${topic}: ${reasonOf(errorMessage, meaning)}`, { outcome, retriable })
}
