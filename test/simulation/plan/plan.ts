import type { NewTopic, TransactionVersion } from '@linger/broker'
import type { ProducerConfig } from '@linger/producer'
import type { Age } from '../aged-producers.ts'
import type { PathConditions } from '../network/path.ts'

/** What the application around a producer does at some time. */
export type Step =
  /** So many records, one call each, one right after the other. */
  | {
      readonly do: 'send'
      readonly atMs: number
      readonly count: number
      readonly abortAfterMs?: number
      readonly ttlMs?: number
    }
  | { readonly do: 'produce'; readonly atMs: number; readonly count: number; readonly ttlMs?: number }
  | DelayStep
  /** So many records in one call, which takes them as fast as memory allows. */
  | { readonly do: 'sendAll'; readonly atMs: number; readonly count: number }
  /** `releases`: records that are held back are sent now. */
  | { readonly do: 'flush' | 'close'; readonly atMs: number; readonly timeoutMs?: number; readonly releases?: boolean }
  | { readonly do: 'connect' | 'partitionsFor'; readonly atMs: number }
  | TransactionStep

/** So many records that are held back for a while. */
export interface DelayStep {
  readonly do: 'delay'
  readonly atMs: number
  readonly count: number
  readonly delayMs: number
  /** It says until when, not for how long. */
  readonly isUntil: boolean
  readonly ttlMs?: number
  readonly abortAfterMs?: number
}

/** One transaction, once those before it are over. */
export interface TransactionStep {
  readonly do: 'transaction'
  readonly atMs: number
  /** Records of each portion; between portions it pauses. */
  readonly portions: readonly number[]
  readonly pauseMs: number
  readonly call: 'send' | 'produce' | 'acks'
  /** It waits for its records before it goes on, as it always does with an acknowledgement stream. */
  readonly isAwaited: boolean
  /** Commits offsets of a consumer with it. */
  readonly hasOffsets: boolean
  /** 'leave': the application throws, or leaves the block in which it is used. */
  readonly end: 'commit' | 'abort' | 'leave'
}

/** One producer of a transactional id, which others may have before, after it or at the same time. */
export interface TransactionsPlan {
  readonly style: 'callback' | 'by-hand'
  /** What the names of its consumer groups begin with. */
  readonly groupId: string
  /** Its process is killed then. */
  readonly killedAtMs?: number
}

/** What an application does in the callback of a record, before it returns. */
export interface Reaction {
  readonly does: 'flush' | 'close' | 'send' | 'take back'
  /** Only when the record has failed. */
  readonly isToFailure: boolean
  /** At the first of so many such records, and then at the first of the next. */
  readonly every: number
  readonly times: number
}

export interface ProducerPlan {
  readonly config: Omit<ProducerConfig, 'bootstrapServers' | 'logger'>
  /** By name. */
  readonly topics: readonly string[]
  /** Records may name partitions that their topic does not have, up to so many. */
  readonly missingPartitions: number
  /** It tells brokers of its metrics, if they want to know. Default: false. */
  readonly tellsMetrics?: boolean
  readonly valueBytesUsual: number
  readonly valueBytesMax: number
  /** How its event loop orders what happens at one time. */
  readonly ticksFirst: boolean
  readonly steps: readonly Step[]
  /** What it does in the callbacks of produce(). Default: nothing. */
  readonly reactions?: readonly Reaction[]
  /** Undefined for a producer without transactions. */
  readonly transactions?: TransactionsPlan
}

/** Something that goes wrong. All that is not said here it draws from its own seed when it begins. */
export interface PlannedFault {
  readonly kind: string
  readonly atMs: number
  readonly durationMs: number
  readonly seed: number
}

/** A history that can happen, as data: the same plan makes the same history. Shrinking takes parts of it away. */
export interface Plan {
  readonly seed: number
  readonly brokerCount: number
  /** The newest versions that all brokers speak, by the name of the API: older brokers. */
  readonly versions: Readonly<Record<string, number>>
  readonly age: Age
  /** On which protocol of transactions the cluster has agreed at first. Default: the newest. */
  readonly transactionVersion?: TransactionVersion
  /** How many epochs each transactional id has had before. Default: none. */
  readonly epochsBefore?: number
  /** A name has two addresses, and nobody listens at the first. */
  readonly hasDeadAddresses: boolean
  readonly topics: readonly NewTopic[]
  /** How often brokers want to be told metrics. Default: they do not. */
  readonly metricsIntervalMs?: number
  readonly path: PathConditions
  readonly producers: readonly ProducerPlan[]
  readonly faults: readonly PlannedFault[]
  /** From here on nothing goes wrong any more. */
  readonly healAtMs: number
}
