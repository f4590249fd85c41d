import { errorFor } from '@linger/protocol'
import { KafkaError } from '../errors.ts'

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

/** The broker goes on with it, and does not say when it is done. */
const REQUEST_TIMED_OUT = 7

/** @throws TopicsError when one of the topics was refused */
export function assertAccepted(answers: readonly TopicAnswer[]): void {
  const failures = new Map<string, KafkaError>()
  for (const { topic, errorCode, errorMessage } of answers) {
    if (errorCode !== 0) failures.set(topic, topicRefused(topic, errorCode, errorMessage))
  }
  if (failures.size > 0) throw new TopicsError(failures)
}

export function topicRefused(topic: string, errorCode: number, errorMessage?: string | null): KafkaError {
  const { name, meaning, retriable } = errorFor(errorCode)
  const outcome = errorCode === REQUEST_TIMED_OUT ? 'unknown' : 'never'
  return new KafkaError(name, `${topic}: ${errorMessage ?? meaning}`, { outcome, retriable })
}
