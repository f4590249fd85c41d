import { join } from 'node:path'
import { javaClasses, runJava } from '../real-kafka/java.ts'
import { kafkaLibs } from '../real-kafka/kafka-libs.ts'

/** Writes one record of each kind with Kafka's own Java producer: see KnownRecords.java. */
export async function writeKnownRecords(
  bootstrapServers: string,
  topic: string,
  options: { aborted: boolean } = { aborted: false },
): Promise<void> {
  const libs = await kafkaLibs()
  const classpath = `${join(libs, '*')}:${await javaClasses('KnownRecords', libs)}`
  const end = options.aborted ? ['aborted'] : []
  await runJava(['-Xmx128m', '-cp', classpath, 'KnownRecords', bootstrapServers, topic, ...end])
}
