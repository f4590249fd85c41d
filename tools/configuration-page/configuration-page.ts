import { readFileSync } from 'node:fs'
import { kafkaRules } from '../../packages/producer/src/properties/kafka-rules.ts'
import { librdkafkaRules } from '../../packages/producer/src/properties/librdkafka-rules.ts'
import type { PropertyRule } from '../../packages/producer/src/properties/property-rule.ts'

const LISTS = new URL('../../packages/producer/test/properties/golden/', import.meta.url)

/** docs/configuration.md: what becomes of every property of the others. */
export function configurationPage(): string {
  const java = namesOf('java-4.3.1')
  const librdkafka = namesOf('librdkafka-2.15.1')
  const rules = { ...kafkaRules, ...librdkafkaRules }
  const rows = [...new Set([...java, ...librdkafka])].toSorted().map((name) => {
    const rule = rules[name]
    if (rule === undefined) throw new Error(`there is no rule for ${name}`)
    return [`\`${name}\``, java.has(name) ? 'yes' : '', librdkafka.has(name) ? 'yes' : '', fateOf(rule)]
  })
  return `${INTRODUCTION}${table(['property', 'Java', 'librdkafka', 'here'], rows)}`
}

const INTRODUCTION = `# Configuration

The keys of \`new Producer({ ... })\` are Kafka's producer properties in camelCase. Each is described, with its default,
where it is declared: [producer-config.ts](../packages/producer/src/config/producer-config.ts). A key that is not known, a
wrong type and an impossible combination are one error at construction, which names the key and what would be right.
Beside them stand \`ssl\`, \`sasl\`, serializers, \`interceptors\`, \`telemetry\` and \`logger\`, and what Kafka has not:
\`maxProduceRequestBytes\`, \`acksTimeoutMs\`, \`allowAutoTopicCreation\` and \`statisticsIntervalMs\`.

## Bringing a configuration along

\`Producer.fromProperties\` takes Kafka's dotted names, as Java and librdkafka have them: an object, or the content of a Java
.properties file with its comments, continued lines and escapes.

\`\`\`ts
import { readFileSync } from 'node:fs'
import { Producer } from '@linger/producer'

const producer = Producer.fromProperties(readFileSync('producer.properties', 'utf8'), {
  ssl: { ca: readFileSync('ca.pem') },
})
\`\`\`

The second argument has what properties cannot say, or says something else: it wins, and the properties that concern it are
not read. Above, the file may go on naming a JKS truststore.

- What is _used_ becomes a setting. Where two properties say the same, Java's name wins, with a warning.
- What is _ignored_ changes nothing here. That is said through the \`logger\`, unless the value is what happens anyway.
- What is _refused_ would not do what was asked for: an error that says what to do instead. Files are refused because the
  producer opens none: certificates and keys are given as PEM text. OAUTHBEARER is refused because whoever may write the
  file could have the secret sent elsewhere.
- A name that neither client has is refused.

Defaults are this producer's, also for a librdkafka configuration. Keys are the one thing that would go elsewhere without a
word, so a configuration with librdkafka's own names and no \`partitioner\` is warned about: \`partitioner=consistent_random\`
keeps keys where they were.

## Every property

Of the Java producer 4.3.1 and of librdkafka 2.15.1, producer and common. This page is written by
\`tools/write-configuration-page.ts\` from the table that the code uses.

`

function namesOf(list: string): ReadonlySet<string> {
  return new Set(
    readFileSync(new URL(`${list}.txt`, LISTS), 'utf8')
      .trimEnd()
      .split('\n'),
  )
}

function fateOf(rule: PropertyRule): string {
  switch (rule.kind) {
    case 'used':
      return `used as ${rule.as}`
    case 'as-is': {
      const { values, otherwise } = rule
      const others = 'refused' in otherwise ? `refused: ${otherwise.refused}` : `ignored: ${otherwise.ignored}`
      return `\`${values.join('`, `')}\` is so anyway; another is ${others}`
    }
    case 'ignored':
      return `ignored: ${rule.why}`
    case 'refused':
      return `refused: ${rule.remedy}`
  }
}

/** Columns as wide as their widest cell, which is how the formatter of this repository has them. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`
  return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('')
}
