import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from '../real-kafka/cache-directory.ts'
import { kafkaLibs } from '../real-kafka/kafka-libs.ts'
import { javaClasses, runJava } from '../real-kafka/java.ts'

const run = promisify(execFile)
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/** Prints the partitions of the keys in a file: a line per key, a partition for each count. */
export type PartitionsOf = (file: string, counts: readonly number[]) => Promise<string>

export const javaPartitions: PartitionsOf = async (file, counts) => {
  const libs = await kafkaLibs()
  const classes = await javaClasses('KeyPartitions', libs)
  return runJava(['-cp', [classes, join(libs, '*')].join(delimiter), 'KeyPartitions', file, ...counts.map(String)])
}

/** By librdkafka of this machine, its headers included. */
export function librdkafkaPartitions(partitioner: 'consistent_random' | 'murmur2_random'): PartitionsOf {
  return async (file, counts) => {
    const program = join(await librdkafkaProgram(), 'key-partitions')
    const { stdout } = await run(program, [partitioner, file, ...counts.map(String)], { maxBuffer: OUTPUT_BYTES_MAX })
    return stdout
  }
}

async function librdkafkaProgram(): Promise<string> {
  const source = join(import.meta.dirname, 'key-partitions.c')
  const hash = createHash('sha256').update(await readFile(source))
  return cached(`librdkafka-partitions-${hash.digest('hex').slice(0, 16)}`, async (filling) => {
    await run('cc', ['-O2', '-o', join(filling, 'key-partitions'), source, '-lrdkafka'])
  })
}
