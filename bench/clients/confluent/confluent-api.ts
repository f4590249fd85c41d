import { createRequire } from 'node:module'
import { join } from 'node:path'
import { peersDirectory } from '../../run/peers-directory.ts'

/** The callback interface, which it has from node-rdkafka. Only what is used here: the package is not in our tree. */
export interface CallbackProducer {
  connect(options: object, connected: (error: unknown) => void): void
  on(event: 'delivery-report', listener: (error: unknown, report: { opaque: (error: unknown) => void }) => void): void
  setPollInBackground(set: boolean): void
  /** @throws an error with code -184 when its queue is full */
  produce(
    topic: string,
    partition: number,
    value: Buffer,
    key: null,
    timestamp: null,
    opaque: (error: unknown) => void,
  ): void
  flush(timeoutMs: number, flushed: (error: unknown) => void): void
  disconnect(timeoutMs: number, disconnected: (error: unknown) => void): void
}

/** Its interface in KafkaJS's shape. */
export interface PromiseProducer {
  connect(): Promise<void>
  send(request: { topic: string; messages: readonly { value: Buffer; partition?: number }[] }): Promise<unknown>
  flush(options: { timeout: number }): Promise<void>
  disconnect(): Promise<void>
}

interface ConfluentKafka {
  readonly Producer: new (configuration: object) => CallbackProducer
  readonly KafkaJS: {
    readonly Kafka: new (configuration: object) => { producer(configuration: object): PromiseProducer }
  }
  readonly librdkafkaVersion: string
}

export function loadConfluentKafka(): ConfluentKafka {
  const loaded: unknown = createRequire(join(peersDirectory(), 'package.json'))('@confluentinc/kafka-javascript')
  if (!isConfluentKafka(loaded)) throw new TypeError('@confluentinc/kafka-javascript is not what it was at 1.10')
  return loaded
}

function isConfluentKafka(loaded: unknown): loaded is ConfluentKafka {
  return typeof loaded === 'object' && loaded !== null && 'Producer' in loaded && 'KafkaJS' in loaded
}
