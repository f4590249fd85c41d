import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { javaClasses, javaProgram } from '../real-kafka/java.ts'
import { kafkaLibs } from '../real-kafka/kafka-libs.ts'
import { lastLines } from '../real-kafka/run-command.ts'
import { dumpedRecords, type ReadRecord } from './record-dump.ts'

export interface ReadBackOptions {
  readonly bootstrapServers: string
  readonly topics: readonly string[]
  /** Default 'read_uncommitted': all that is in the log, aborted transactions too. */
  readonly isolationLevel?: 'read_uncommitted' | 'read_committed'
  /** Values of this size or more come as their SHA-256 only. Default: every value comes whole. */
  readonly digestFromBytes?: number
}

const DIGEST_NEVER = 2 ** 31 - 1

/**
 * All records of the topics, as Kafka's own Java consumer reads them: the oracle that shares no code with ours.
 *
 * It reads to the end that each partition has when it starts. Records of a partition come in the order of the log;
 * partitions come mixed.
 *
 * @throws when a topic does not exist, or the consumer ends before it has read everything
 */
export async function* readBack(options: ReadBackOptions): AsyncGenerator<ReadRecord> {
  const { bootstrapServers, topics, isolationLevel = 'read_uncommitted', digestFromBytes = DIGEST_NEVER } = options
  const libs = await kafkaLibs()
  const classpath = `${join(libs, '*')}:${await javaClasses('ReadBack', libs)}`
  const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', classpath]
  const args = [bootstrapServers, isolationLevel, String(digestFromBytes), ...topics]
  const child = spawn(javaProgram('java'), [...jvm, 'ReadBack', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })

  try {
    yield* dumpedRecords(child.stdout, topics)
  } catch (cause) {
    throw new Error(`the Java consumer did not read everything:\n${lastLines(errors)}`, { cause })
  } finally {
    child.kill()
    await exited
  }
}

/** As `readBack`, in one array: for topics that are small. */
export async function readBackAll(options: ReadBackOptions): Promise<ReadRecord[]> {
  const records: ReadRecord[] = []
  for await (const record of readBack(options)) records.push(record)
  return records
}
