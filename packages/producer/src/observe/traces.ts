import type { RecordMetadata } from '../batch/deliveries.ts'
import type { Ports } from '../ports/ports.ts'
import type { TracingChannel } from '../ports/tracing.ts'
import type { GivenRecord } from '../record/producer-record.ts'

/** A record on its way: `tracing:linger:send`. From the call to the acknowledgement or the failure. */
export interface SendTrace {
  readonly clientId: string
  /** A subscriber to `start` may put another one in its place, to add headers. It is neither checked nor serialized. */
  record: GivenRecord
  readonly result?: RecordMetadata
  readonly error?: Error
}

/** A batch filled by hand, on its way: `tracing:linger:sendBatch`. Its records have no traces of their own. */
export interface BatchTrace {
  readonly clientId: string
  readonly topic: string
  readonly partition: number
  /** As it was handed over: the producer may add records to a batch that is not closed. */
  readonly recordCount: number
  /** With its header, before compression. */
  readonly sizeBytes: number
  /** The offset of its first record, where somebody can tell it. */
  readonly result?: number | undefined
  readonly error?: Error
}

/** A request of any kind: `tracing:linger:request`. What it says is not here, and so no secret is. */
export interface RequestTrace extends BrokerTrace {
  /** Kafka's name: 'Produce'. */
  readonly apiName: string
  readonly apiVersion: number
  readonly sizeBytes: number
}

/** A connection that is made: `tracing:linger:connection`. It ends when requests can be sent, or it is given up. */
export interface BrokerTrace {
  readonly clientId: string
  /** Negative for a bootstrap server. */
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly error?: Error
}

/** A transaction, from its beginning to the end of its commit or abort: `tracing:linger:transaction`. */
export interface TransactionTrace {
  readonly clientId: string
  readonly transactionalId: string
  readonly result?: 'COMMITTED' | 'ABORTED'
  readonly error?: Error
}

/** The channels of a producer. */
export interface Traces {
  readonly clientId: string
  readonly send: TracingChannel<SendTrace>
  readonly sendBatch: TracingChannel<BatchTrace>
  readonly request: TracingChannel<RequestTrace>
  readonly connection: TracingChannel<BrokerTrace>
  readonly transaction: TracingChannel<TransactionTrace>
}

export function tracesOf({ tracing }: Pick<Ports, 'tracing'>, clientId: string): Traces {
  return {
    clientId,
    send: tracing.channel('linger:send'),
    sendBatch: tracing.channel('linger:sendBatch'),
    request: tracing.channel('linger:request'),
    connection: tracing.channel('linger:connection'),
    transaction: tracing.channel('linger:transaction'),
  }
}

/** The end of an operation that nobody wants to hear of. */
export function untraced(): void {}
