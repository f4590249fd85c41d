import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { Logger } from '../config/producer-config.ts'

/** How long brokers know a producer again that writes nothing (producer.id.expiration.ms), unless they are told otherwise. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000

/**
 * Says of which topics a retry may write records a second time, once each.
 *
 * A broker counts from the newest timestamp in a producer's last batch, and not from when it came. So where records tell
 * of older times it forgets who wrote them as soon as it looks: when it is started, and every ten minutes.
 *
 * @source Kafka ProducerStateManager.isProducerExpired
 */
export class OldRecordsWarning {
  readonly #logger: Logger
  readonly #topics = new Set<string>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** A batch that may be in the log is sent again. */
  onRetry({ partition: { topic }, maxTimestamp }: ProducerBatch, wallTimeMs: number): void {
    if (wallTimeMs - maxTimestamp < REMEMBERED_MS || this.#topics.has(topic.name)) return
    this.#topics.add(topic.name)
    this.#logger.warn(
      `linger: a batch of topic ${topic.name} is sent again whose records are more than a day old by their timestamps: a ` +
        'broker that was restarted does not know such a batch again, and may write it twice. Transactions prevent ' +
        'that, and so does message.timestamp.type=LogAppendTime of the topic',
    )
  }
}
