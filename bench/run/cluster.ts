import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startKafka, type StartKafkaOptions } from '@linger/test/real-kafka'
import type { EmbeddedOptions } from './embedded-options.ts'

const EMBEDDED_PROGRAM = join(import.meta.dirname, '../embedded-broker.ts')
const KAFKA_HEAP_MB = 1_024
/** The data of a deleted topic would stay for a minute: gigabytes at these rates. */
const KAFKA_TOPIC_CONFIGS = [
  { name: 'file.delete.delay.ms', value: '1000' },
  { name: 'retention.ms', value: '-1' },
]

/** What the clients are measured against. */
export interface Cluster {
  readonly bootstrapServers: string
  readonly description: string
  readonly topicConfigs: readonly { readonly name: string; readonly value: string }[]
  stop(): Promise<void>
}

/** The level of the feature `transaction.version`: what transactions the brokers do (KIP-890). */
export type TransactionVersion = 1 | 2

export async function startRealKafka(options: StartKafkaOptions = {}): Promise<Cluster> {
  const kafka = await startKafka({ heapMb: KAFKA_HEAP_MB, ...options })
  return {
    bootstrapServers: kafka.bootstrapServers,
    description: `Kafka ${kafka.version} (${kafka.provider})`,
    topicConfigs: KAFKA_TOPIC_CONFIGS,
    stop: () => kafka.stop(),
  }
}

/** The embedded broker that only counts and acknowledges. */
export async function startSink({ ackDelayMs = 0 }: { readonly ackDelayMs?: number } = {}): Promise<Cluster> {
  const description = 'sink: @linger/broker that only counts, in its own process'
  return startEmbedded(description, { sink: true, transactionVersion: 2, ackDelayMs })
}

/** The embedded broker that judges and keeps what it gets: a sink knows no transactions. */
export async function startTransactionalEmbedded(transactionVersion: TransactionVersion): Promise<Cluster> {
  const description = '@linger/broker in its own process'
  return startEmbedded(description, { sink: false, transactionVersion, ackDelayMs: 0 })
}

/** In a process of its own, so that its work is not the client's. */
async function startEmbedded(description: string, options: EmbeddedOptions): Promise<Cluster> {
  const child = spawn(process.execPath, [EMBEDDED_PROGRAM, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const bootstrapServers = await firstLine(child)
  return {
    bootstrapServers,
    description,
    topicConfigs: [],
    stop: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the broker has no stdout')
  for await (const line of createInterface({ input: child.stdout })) return line
  throw new Error('the broker ended before it was ready')
}
