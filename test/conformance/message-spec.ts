import { join, delimiter } from 'node:path'
import { kafkaLibs } from '../real-kafka/index.ts'
import { javaClasses, runJava } from '../real-kafka/java.ts'

/** A field in the message JSON of Kafka's sources. */
export interface SpecField {
  readonly name: string
  readonly type: string
  readonly versions: string
  readonly nullableVersions?: string
  readonly taggedVersions?: string
  readonly tag?: number
  readonly default?: string | number | boolean
  readonly ignorable?: boolean | string
  readonly fields?: readonly SpecField[]
}

/** A request or a response in the message JSON of Kafka's sources. */
export interface MessageSpec {
  readonly name: string
  readonly apiKey: number
  readonly validVersions: string
  readonly latestVersionUnstable?: boolean
  readonly flexibleVersions: string
  readonly fields: readonly SpecField[]
  /** Structs that several fields share, by name. */
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly SpecField[] }[]
}

/** Kafka's own description of these APIs, from the kafka-clients jar, by the name of the message. */
export async function loadMessageSpecs(apiNames: readonly string[]): Promise<Map<string, MessageSpec>> {
  const libs = await kafkaLibs()
  const classes = await javaClasses('MessageSpecs', libs)
  const printed = await runJava(['-cp', [classes, join(libs, '*')].join(delimiter), 'MessageSpecs', ...apiNames])
  const specs = printed
    .trimEnd()
    .split('\n')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Kafka's generator defines the form
    .map((line) => JSON.parse(line) as MessageSpec)
  return new Map(specs.map((spec) => [spec.name, spec]))
}
