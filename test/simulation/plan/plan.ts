import type { NewTopic } from '@linger/broker'
import type { ProducerConfig } from '@linger/producer'
import type { Age } from '../aged-producers.ts'
import type { PathConditions } from '../network/path.ts'

/** What the application around a producer does at some time. */
export type Step =
  /** So many records, one call each, one right after the other. */
  | { readonly do: 'send'; readonly atMs: number; readonly count: number; readonly abortAfterMs?: number }
  | { readonly do: 'produce'; readonly atMs: number; readonly count: number }
  /** So many records in one call, which takes them as fast as memory allows. */
  | { readonly do: 'sendAll'; readonly atMs: number; readonly count: number }
  | { readonly do: 'flush' | 'close'; readonly atMs: number; readonly timeoutMs?: number }
  | { readonly do: 'connect' | 'partitionsFor'; readonly atMs: number }

export interface ProducerPlan {
  readonly config: Omit<ProducerConfig, 'bootstrapServers' | 'logger'>
  /** By name. */
  readonly topics: readonly string[]
  /** Records may name partitions that their topic does not have, up to so many. */
  readonly missingPartitions: number
  readonly valueBytesUsual: number
  readonly valueBytesMax: number
  /** How its event loop orders what happens at one time. */
  readonly ticksFirst: boolean
  readonly steps: readonly Step[]
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
  /** A name has two addresses, and nobody listens at the first. */
  readonly hasDeadAddresses: boolean
  readonly topics: readonly NewTopic[]
  readonly path: PathConditions
  readonly producers: readonly ProducerPlan[]
  readonly faults: readonly PlannedFault[]
  /** From here on nothing goes wrong any more. */
  readonly healAtMs: number
}
