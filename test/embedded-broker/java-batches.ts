import { delimiter, join } from 'node:path'
import { kafkaLibs } from '../real-kafka/index.ts'
import { javaClasses, runJava } from '../real-kafka/java.ts'

/** The batches that the tests of packages/broker append. */
export const JAVA_BATCHES_FILE: string = join(
  import.meta.dirname,
  '../../packages/broker/test/golden/produced-batches.txt',
)

/** Has Kafka's own classes write these batches to `file`: see ProducedBatches.java. */
export async function writeJavaBatches(file: string): Promise<void> {
  const libs = await kafkaLibs()
  const classes = await javaClasses('ProducedBatches', libs)
  await runJava(['-cp', [classes, join(libs, '*')].join(delimiter), 'ProducedBatches', file])
}
