import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { KafkaError, Producer } from '@linger/producer'
import { DemoRecords } from './demo-records.ts'
import { progressBar } from './progress-bar.ts'
import type { Verification } from './verification.ts'

export interface ProduceOptions {
  readonly topic: string
  readonly recordCount: number
  readonly valueBytes: number
  /** Told where each record was acknowledged. */
  readonly verification: Verification
  readonly signal: AbortSignal
}

export interface Produced {
  readonly failedCount: number
  readonly firstError: KafkaError | undefined
  /** From the first `produce` to the last acknowledgement. */
  readonly seconds: number
  /** Nanoseconds from `produce` to the acknowledgement, of every record: at full load most of it is queueing. */
  readonly latency: RecordableHistogram
}

const NS_PER_MS = 1e6

/** Sends as fast as the producer takes records, and waits for all acknowledgements. */
export async function produceRecords(producer: Producer, options: ProduceOptions): Promise<Produced> {
  const { topic, recordCount, valueBytes, verification, signal } = options
  const records = new DemoRecords(valueBytes)
  const bar = progressBar('producing', recordCount)
  const latency = createHistogram()
  let settledCount = 0
  let failedCount = 0
  let firstError: KafkaError | undefined

  const callbackFor = (index: number) => {
    const sentMs = performance.now()
    return (
      error: KafkaError | null,
      metadata?: { readonly partition: number; readonly offset: number | undefined },
    ) => {
      settledCount++
      if (metadata === undefined) {
        failedCount++
        firstError ??= error ?? undefined
        return
      }
      latency.record(Math.max(1, Math.round((performance.now() - sentMs) * NS_PER_MS)))
      verification.acked(index, metadata.partition, metadata.offset)
    }
  }

  const startedMs = performance.now()
  try {
    for (let index = 0; index < recordCount; index++) {
      const record = { topic, ...records.record(index) }
      const callback = callbackFor(index)
      while (!producer.produce(record, callback)) {
        bar.update(settledCount)
        await producer.drained()
        signal.throwIfAborted()
      }
    }
    await producer.flush()
    bar.update(settledCount)
  } finally {
    bar.stop()
  }
  return { failedCount, firstError, seconds: (performance.now() - startedMs) / 1_000, latency }
}
