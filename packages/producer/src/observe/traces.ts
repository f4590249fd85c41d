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
  readonly request: TracingChannel<RequestTrace>
  readonly connection: TracingChannel<BrokerTrace>
  readonly transaction: TracingChannel<TransactionTrace>
}

export function tracesOf({ tracing }: Pick<Ports, 'tracing'>, clientId: string): Traces {
  return {
    clientId,
    send: tracing.channel('linger:send'),
    request: tracing.channel('linger:request'),
    connection: tracing.channel('linger:connection'),
    transaction: tracing.channel('linger:transaction'),
  }
}
