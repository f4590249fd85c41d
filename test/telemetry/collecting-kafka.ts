import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { javaClasses, runJava } from '../real-kafka/java.ts'
import { kafkaLibs } from '../real-kafka/kafka-libs.ts'
import { startCluster, type KafkaCluster } from '../real-kafka/maven-kafka.ts'

/** A point of a metric, as Kafka's plugin read it with OpenTelemetry's own classes. */
export interface CollectedPoint {
  readonly clientId: string
  readonly clientInstanceId: string
  readonly terminating: boolean
  /** Of the client: `transactional_id=orders-1`. */
  readonly resource: string
  readonly name: string
  readonly kind: string
  /** Of the point: `topic=orders`, several with commas between. */
  readonly labels: string
  readonly value: number
  /** Milliseconds since 1970. */
  readonly startTimeMs: number
  readonly timeMs: number
}

/** A broker that collects the metrics of its clients: see TelemetryReceiver.java. */
export interface CollectingKafka {
  readonly kafka: KafkaCluster
  /** Asks all clients for metrics, under a name that is new or gets another meaning. */
  subscribe(name: string, metrics: string, intervalMs: number): Promise<void>
  collected(): Promise<CollectedPoint[]>
  stop(): Promise<void>
}

export async function startCollectingKafka(telemetryMaxBytes: number): Promise<CollectingKafka> {
  const libs = await kafkaLibs()
  const directory = await mkdtemp(join(tmpdir(), 'linger-telemetry-'))
  const file = join(directory, 'points.tsv')
  await writeFile(file, '')
  const kafka = await startCluster({
    brokerCount: 1,
    classpath: [await javaClasses('TelemetryReceiver', libs)],
    jvmArgs: [`-Dlinger.telemetry.file=${file}`],
    properties: { 'metric.reporters': 'TelemetryReceiver', 'telemetry.max.bytes': String(telemetryMaxBytes) },
  })
  return {
    kafka,
    subscribe: (name, metrics, intervalMs) => subscribe(libs, kafka.bootstrapServers, name, metrics, intervalMs),
    collected: async () => (await readFile(file, 'utf8')).split('\n').slice(0, -1).map(pointIn),
    stop: async () => {
      await kafka.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** With Kafka's own tool. */
async function subscribe(libs: string, bootstrapServers: string, name: string, metrics: string, intervalMs: number) {
  const jvm = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=off', '-cp', join(libs, '*'), 'kafka.admin.ConfigCommand']
  const resource = ['--entity-type', 'client-metrics', '--entity-name', name]
  const config = `metrics=[${metrics}],interval.ms=${intervalMs}`
  await runJava([...jvm, '--bootstrap-server', bootstrapServers, '--alter', ...resource, '--add-config', config])
}

function pointIn(line: string): CollectedPoint {
  const [clientId = '', id = '', terminating, resource = '', name = '', kind = '', labels = '', ...numbers] =
    line.split('\t')
  const [value = NaN, startTimeMs = NaN, timeMs = NaN] = numbers.map(Number)
  return {
    clientId,
    clientInstanceId: id,
    terminating: terminating === 'true',
    resource,
    name,
    kind,
    labels,
    value,
    startTimeMs,
    timeMs,
  }
}
