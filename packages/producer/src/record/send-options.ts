import { invalidArgument, KafkaError } from '../errors.ts'

/** What belongs to one call of `send()`, and not to its record. */
export interface SendOptions {
  /**
   * When it is aborted before the record is sent, the record fails with ABORTED and outcome 'never', and what it took of
   * `bufferMemory` is given back. Once it is on the wire nothing changes: it may be written, and `send()` tells.
   */
  readonly signal?: AbortSignal
}

/** @throws KafkaError INVALID_ARGUMENT, or ABORTED when it is too late already */
export function checkSignal(signal: unknown): asserts signal is AbortSignal {
  if (!(signal instanceof AbortSignal)) throw invalidArgument('signal must be an AbortSignal')
  if (signal.aborted) throw aborted(signal)
}

export function aborted(signal: AbortSignal): KafkaError {
  return new KafkaError('ABORTED', 'the record was taken back by its signal before it was sent', {
    outcome: 'never',
    cause: signal.reason,
  })
}
