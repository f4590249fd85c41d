import { Producer } from '@linger/producer'
import type { DemoSettings } from './arguments.ts'
import { DemoRecords } from './demo-records.ts'
import { startEmbeddedBroker } from './embedded-broker.ts'
import { type Produced, produceRecords } from './produce-records.ts'
import { progressBar } from './progress-bar.ts'
import { readLog } from './read-log.ts'
import { createTopic, deleteTopic, type PartitionEnd, partitionEnds } from './topic.ts'
import { Verification, type VerificationReport } from './verification.ts'

const CONNECT_TIMEOUT_MS = 10_000

export interface DemoResult {
  readonly bootstrapServers: string
  readonly produced: Produced
  readonly verification: VerificationReport
  readonly readSeconds: number
  /** Every record of the run was acknowledged and found as it was sent. */
  readonly allVerified: boolean
}

/**
 * Produces the records, reads the log back and compares. What it started or created is gone when it returns.
 *
 * @throws KafkaError when no broker can be used, and the signal's reason when it is aborted
 */
export async function runDemo(settings: DemoSettings, signal: AbortSignal): Promise<DemoResult> {
  if (settings.bootstrapServers !== undefined) return produceAndVerify(settings, settings.bootstrapServers, signal)
  const broker = await startEmbeddedBroker()
  try {
    return await produceAndVerify(settings, broker.bootstrapServers, signal)
  } finally {
    await broker.stop()
  }
}

async function produceAndVerify(
  settings: DemoSettings,
  bootstrapServers: string,
  signal: AbortSignal,
): Promise<DemoResult> {
  const { topic, partitionCount, keepsTopic } = settings
  const producer = new Producer({ bootstrapServers, clientId: 'linger-demo' })
  try {
    await producer.connect({ timeoutMs: CONNECT_TIMEOUT_MS })
    await createTopic(bootstrapServers, topic, partitionCount)
    try {
      const starts = await partitionEnds(bootstrapServers, topic)
      const verification = new Verification(new DemoRecords(settings.valueBytes), settings.recordCount)
      const produced = await produceRecords(producer, { ...settings, verification, signal })
      const read = await readAndVerify(bootstrapServers, settings, { starts, verification, signal })
      return { bootstrapServers, produced, ...read }
    } finally {
      if (!keepsTopic) await deleteTopic(bootstrapServers, topic)
    }
  } finally {
    await producer.close({ timeoutMs: 0 })
  }
}

interface ReadOptions {
  /** A topic of the user's may hold records already: only what comes behind them is ours. */
  readonly starts: readonly PartitionEnd[]
  readonly verification: Verification
  readonly signal: AbortSignal
}

async function readAndVerify(
  bootstrapServers: string,
  { topic, recordCount }: DemoSettings,
  { starts, verification, signal }: ReadOptions,
): Promise<Pick<DemoResult, 'verification' | 'readSeconds' | 'allVerified'>> {
  const startedMs = performance.now()
  const ends = await partitionEnds(bootstrapServers, topic)
  const bar = progressBar('reading back', recordCount)
  let readCount = 0
  try {
    for await (const { partition, records } of readLog(topic, starts, ends)) {
      signal.throwIfAborted()
      for (const record of records) verification.read(partition, record)
      bar.update((readCount += records.length))
    }
  } finally {
    bar.stop()
  }
  const report = verification.report()
  return {
    verification: report,
    readSeconds: (performance.now() - startedMs) / 1_000,
    allVerified: report.verified === recordCount && report.findings === 0,
  }
}
