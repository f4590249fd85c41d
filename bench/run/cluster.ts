import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startKafka } from '@linger/test/real-kafka'

const SINK_PROGRAM = join(import.meta.dirname, '../sink.ts')
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

export async function startCluster(kind: 'kafka' | 'sink'): Promise<Cluster> {
  return kind === 'sink' ? startSink() : startRealKafka()
}

async function startRealKafka(): Promise<Cluster> {
  const kafka = await startKafka({ heapMb: KAFKA_HEAP_MB })
  return {
    bootstrapServers: kafka.bootstrapServers,
    description: `Kafka ${kafka.version} (${kafka.provider})`,
    topicConfigs: KAFKA_TOPIC_CONFIGS,
    stop: () => kafka.stop(),
  }
}

/** The embedded broker that only counts and acknowledges, in a process of its own so that its work is not the client's. */
async function startSink(): Promise<Cluster> {
  const child = spawn(process.execPath, [SINK_PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] })
  const bootstrapServers = await firstLine(child)
  return {
    bootstrapServers,
    description: 'sink: @linger/broker that only counts, in its own process',
    topicConfigs: [],
    stop: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the sink has no stdout')
  for await (const line of createInterface({ input: child.stdout })) return line
  throw new Error('the sink ended before it was ready')
}
