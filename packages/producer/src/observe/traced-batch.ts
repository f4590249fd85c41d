import { BatchBuilder } from '../batch/batch-builder.ts'
import { promiseAfter } from '../record/onlooker.ts'
import type { BatchTarget } from '../record/record-intake.ts'
import type { Traces } from './traces.ts'

/** Sends a batch filled by hand, and traces it where somebody wants to hear of it. */
export function tracedBatch(
  { clientId, sendBatch: channel }: Traces,
  batch: BatchBuilder,
  { topic, partition }: BatchTarget,
  send: () => Promise<number | undefined>,
): Promise<number | undefined> {
  // What is no batch has no records to count, and is refused when it is sent.
  if (!channel.hasSubscribers || !((batch as unknown) instanceof BatchBuilder)) return send()
  const { recordCount, sizeBytes } = batch
  return channel.trace({ clientId, topic, partition, recordCount, sizeBytes }, (onEnd) =>
    promiseAfter((error, offset) => onEnd(error ?? undefined, offset), send()),
  )
}
