import { apis } from '@linger/protocol'
import { delimiter, join } from 'node:path'
import { kafkaLibs } from '../real-kafka/index.ts'
import { javaClasses, runJava } from '../real-kafka/java.ts'

/** Where the vectors are kept that the tests of packages/protocol read. */
export const GOLDEN_FOLDER: string = join(import.meta.dirname, '../../packages/protocol/test/golden')

/** Has Kafka's own classes write every golden vector of packages/protocol into `folder`. */
export async function writeJavaGolden(folder: string): Promise<void> {
  await runProgram('GoldenMessages', folder, ...apis.map(({ name, versions }) => `${name}:${versions}`))
  await runProgram('GoldenErrors', folder)
  await runProgram('GoldenRecordBatches', folder)
}

async function runProgram(name: string, ...args: string[]): Promise<void> {
  const libs = await kafkaLibs()
  const classes = await javaClasses(name, libs)
  await runJava(['-cp', [classes, join(libs, '*')].join(delimiter), name, ...args])
}
