import type { RecordMetadata } from '../batch/deliveries.ts'
import { KafkaError } from '../errors.ts'
import type { GivenRecord } from './producer-record.ts'
import type { RecordSink } from './record-sender.ts'
import type { RecordSource } from './record-source.ts'

/** What became of one record of a `sendAll`. */
export type SendResult = { readonly metadata: RecordMetadata } | { readonly error: KafkaError }

/**
 * Some records of a `sendAll` failed. `results` has one entry per record, in the order of the input, up to the one at
 * which the producer was closed.
 */
export class SendAllError extends KafkaError {
  override readonly name: string = 'KafkaError'
  readonly results: readonly SendResult[]

  constructor(results: readonly SendResult[]) {
    const errors = results.flatMap((result) => ('error' in result ? [result.error] : []))
    const [first] = errors
    super('SEND_ALL_FAILED', `${errors.length} of ${results.length} records failed; the first: ${first?.message}`, {
      outcome:
        errors.length === results.length && errors.every(({ outcome }) => outcome === 'never') ? 'never' : 'unknown',
      retriable: errors.every(({ retriable }) => retriable),
      fatal: errors.some(({ fatal }) => fatal),
      requiresAbort: errors.some(({ requiresAbort }) => requiresAbort),
      cause: first,
    })
    this.results = results
  }
}

/** Sends every record, waiting when the buffer is full, and answers when the last one is settled. */
export async function sendAll(sink: RecordSink, records: RecordSource<GivenRecord>): Promise<RecordMetadata[]> {
  const results: SendResult[] = []
  let settledCount = 0
  let onSettled = (): void => {}

  const callbackFor = (index: number) => (error: KafkaError | null, metadata?: RecordMetadata) => {
    if (metadata !== undefined) results[index] = { metadata }
    else if (error !== null) results[index] = { error }
    settledCount++
    onSettled()
  }

  let count = 0
  for await (const record of records) {
    const callback = callbackFor(count++)
    try {
      while (!sink.take(record, callback)) await sink.drained()
    } catch (error) {
      const isFirst = count === 1
      if (isFirst || !(error instanceof KafkaError)) throw error
      callback(error) // closed: nothing more is taken, and what was taken before has its own end
      break
    }
  }
  await new Promise<void>((resolve) => {
    onSettled = () => {
      if (settledCount === count) resolve()
    }
    onSettled()
  })
  const acknowledged = results.flatMap((result) => ('metadata' in result ? [result.metadata] : []))
  if (acknowledged.length < count) throw new SendAllError(results)
  return acknowledged
}
