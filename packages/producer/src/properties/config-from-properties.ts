import type { AnyProducerConfig, ProducerConfig } from '../config/producer-config.ts'
import { KafkaError } from '../errors.ts'
import { kafkaRules } from './kafka-rules.ts'
import { librdkafkaRules } from './librdkafka-rules.ts'
import { parseProperties } from './parse-properties.ts'
import type { Draft, PropertyRule } from './property-rule.ts'

const NAMES = [...Object.keys(kafkaRules), ...Object.keys(librdkafkaRules)]

/** Kafka's producer properties by their dotted names, or the content of a Java .properties file. */
export type Properties = string | Readonly<Record<string, string | number | boolean | null | undefined>>

/**
 * A configuration from the properties of a Java or librdkafka producer.
 *
 * @param more settings that win over the properties: what they concern is not read
 * @throws KafkaError INVALID_CONFIG that names the property and what to do instead. No secret is repeated
 */
export function configFromProperties<Key, Value>(
  properties: Properties,
  more: Partial<ProducerConfig<Key, Value>> = {},
): ProducerConfig<Key, Value> {
  const { logger = console } = more
  const warn = (message: string): void => logger.warn(`linger: ${message}`)
  const draft: Draft = { config: {}, ssl: {}, sasl: {}, warn, invalid: invalidProperty }
  const given = entriesOf(properties)
  const setBy = new Map<string, string>()
  // In the order of the tables: Java's names win over librdkafka's.
  for (const [name, value] of [...given].toSorted(([a], [b]) => NAMES.indexOf(a) - NAMES.indexOf(b))) {
    const rule = ruleFor(name)
    const key = 'key' in rule ? rule.key : undefined
    if (key !== undefined && (more as AnyProducerConfig)[key] !== undefined) continue
    const target = rule.kind === 'used' ? rule.sets : undefined
    const earlier = target === undefined ? undefined : setBy.get(target)
    if (target !== undefined) setBy.set(target, earlier ?? name)
    if (earlier === undefined) apply(rule, draft, name, value)
    else warn(`${name} is passed over: ${earlier} says the same`)
  }
  warnOfPartitioner(given, draft, more)
  const { config, ssl, sasl } = draft
  if (Object.keys(ssl).length > 0) config.ssl = ssl
  if (Object.keys(sasl).length > 0) config.sasl = sasl
  return { ...config, ...more } as ProducerConfig<Key, Value>
}

function entriesOf(properties: Properties): Map<string, string> {
  if (typeof properties === 'string') return parseProperties(properties, invalidProperty)
  const entries = new Map<string, string>()
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue
    if (typeof value === 'object' || typeof value === 'function') {
      const rule: PropertyRule = ruleFor(name)
      throw invalidProperty(rule.kind === 'refused' ? `${name}: ${rule.remedy}` : `${name} must be text or a number`)
    }
    entries.set(name, String(value))
  }
  return entries
}

function ruleFor(name: string): PropertyRule {
  const rules = Object.hasOwn(kafkaRules, name) ? kafkaRules : librdkafkaRules
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
  if (rule === undefined) throw invalidProperty(`${name} is no producer property${suggestionFor(name)}`)
  return rule
}

function apply(rule: PropertyRule, draft: Draft, name: string, value: string): void {
  switch (rule.kind) {
    case 'used':
      rule.read(draft, name, value)
      break
    case 'ignored':
      draft.warn(`${name} is ignored: ${rule.why}`)
      break
    case 'refused':
      throw invalidProperty(`${name}: ${rule.remedy}`)
    case 'as-is': {
      const { values, otherwise } = rule
      if (values.includes(value.trim().toLowerCase())) break
      if ('refused' in otherwise) throw invalidProperty(`${name} '${value}': ${otherwise.refused}`)
      draft.warn(`${name} '${value}' is ignored: ${otherwise.ignored}`)
    }
  }
}

/** Keys would go elsewhere without a word: librdkafka's default partitioner is not Java's. */
function warnOfPartitioner(given: ReadonlyMap<string, string>, draft: Draft, more: object): void {
  const ofLibrdkafka = [...given.keys()].find((name) => Object.hasOwn(librdkafkaRules, name))
  if (ofLibrdkafka === undefined || 'partitioner' in draft.config || 'partitioner' in more) return
  draft.warn(
    `${ofLibrdkafka} is librdkafka's, whose default partitioner puts keys elsewhere than this one: say partitioner=consistent_random to keep them where they were, or murmur2_random for Java's`,
  )
}

function suggestionFor(name: string): string {
  const plain = (one: string): string => one.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const meant = NAMES.find((one) => plain(one) === plain(name))
  return meant === undefined ? ' of Kafka or librdkafka: take it out' : `: did you mean ${meant}?`
}

function invalidProperty(message: string): KafkaError {
  return new KafkaError('INVALID_CONFIG', message, { outcome: 'never' })
}
