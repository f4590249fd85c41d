import { delimiter, join } from 'node:path'
import { kafkaLibs } from '../real-kafka/index.ts'
import { javaClasses, runJava } from '../real-kafka/java.ts'

const PROGRAM = 'KafkaCompression'

/** What Kafka's classes make of a file: its content, or undefined when they refuse it. */
export interface JavaReading {
  readonly sizeBytes: number
  readonly sha256: string
}

/** Has Kafka's own classes compress known content, and writes the lines that packages/compression/test reads. */
export async function writeJavaGolden(file: string): Promise<void> {
  await runProgram('write', file)
}

/** Has Kafka's own classes decompress every file NAME.TYPE of a folder. */
export async function readByJava(folder: string): Promise<ReadonlyMap<string, JavaReading | undefined>> {
  const printed = await runProgram('read', folder)
  return new Map(
    printed
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [name = '', size = '', sha256 = ''] = line.split(' ')
        return [name, size === 'refused:' ? undefined : { sizeBytes: Number(size), sha256 }] as const
      }),
  )
}

async function runProgram(...args: string[]): Promise<string> {
  const libs = await kafkaLibs()
  const classes = await javaClasses(PROGRAM, libs, import.meta.dirname)
  return runJava(['-cp', [classes, join(libs, '*')].join(delimiter), PROGRAM, ...args])
}
