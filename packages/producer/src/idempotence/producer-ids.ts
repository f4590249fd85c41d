import type { BatchSeal } from '@linger/protocol'
import type { ProducerIdentity } from './producer-identity.ts'

/** Where producer id and epoch come from. */
export interface ProducerIds {
  readonly isTransactional: boolean
  /** Undefined while there is none; nothing idempotent can be sent then. */
  readonly identity: ProducerIdentity | undefined
  /** When `run` has something to do. */
  readonly deadlineMs: number
  /** Asks what is to be asked, if a broker can be asked. */
  run(nowMs: number): void
  /**
   * Nothing new is stamped as this batch was: its sequences can neither be used again nor skipped (a bump), or the
   * brokers do not take its producer id (a reset).
   */
  retire(seal: Pick<BatchSeal, 'producerId' | 'producerEpoch'>, step: 'bump' | 'reset'): void
}
