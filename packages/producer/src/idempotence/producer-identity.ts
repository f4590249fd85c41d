/** What an idempotent producer stamps on its batches; the same object for as long as neither part changes. */
export interface ProducerIdentity {
  readonly producerId: bigint
  /** 0 to 32_767. */
  readonly epoch: number
}

const EPOCH_MAX = 32_767

/**
 * The identity after an epoch bump, or undefined when only a new producer id helps.
 *
 * A producer that is idempotent but not transactional owns its id alone and counts the epoch itself; brokers
 * accept a higher one whose first batch of a partition has sequence 0.
 *
 * @source KIP-360
 */
export function bumped({ producerId, epoch }: ProducerIdentity): ProducerIdentity | undefined {
  return epoch < EPOCH_MAX ? { producerId, epoch: epoch + 1 } : undefined
}
