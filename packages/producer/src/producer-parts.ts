import type { Logger } from './config/producer-config.ts'
import type { Engine } from './engine.ts'
import type { Clock } from './ports/clock.ts'
import type { RecordIntake } from './record/record-intake.ts'
import type { RecordSender } from './record/record-sender.ts'
import type { Serialization } from './record/serialization.ts'

/** What a producer is made of, for what is built around one. */
export interface ProducerParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly logger: Logger
  /** Takes bytes. */
  readonly intake: RecordIntake
  /** Takes what the application gives. */
  readonly sender: RecordSender
  /** Undefined when keys and values are bytes or text. */
  readonly serialization: Serialization | undefined
  readonly isTransactional: boolean
}
