import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'

/** The settings of a topic that this broker acts on, parsed. */
export interface TopicConfig {
  readonly maxMessageBytes: number
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampAfterMaxMs: number
  readonly minInsyncReplicas: number
  /** A compacted topic refuses records without a key. Nothing is ever compacted here. */
  readonly compacted: boolean
}

/** One entry of a topic's configuration, as DescribeConfigs tells it. */
export interface ConfigEntry {
  readonly name: string
  readonly value: string
  readonly isDefault: boolean
}

interface ConfigRule {
  readonly default: string
  readonly accepts: (value: string) => boolean
}

const integerFrom = (min: number) => (value: string) => /^-?\d{1,19}$/.test(value) && Number(value) >= min
const listOf =
  (...allowed: readonly string[]) =>
  (value: string) =>
    value.split(',').every((item) => allowed.includes(item.trim()))

/**
 * The settings that a topic can be created with. What they do not name is refused, as Kafka refuses a misspelt one.
 *
 * @source Kafka 4.3.1 TopicConfig, LogConfig
 */
const RULES: Readonly<Record<string, ConfigRule>> = {
  'cleanup.policy': { default: 'delete', accepts: listOf('delete', 'compact') },
  'compression.type': {
    default: 'producer',
    accepts: (value) => ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'].includes(value),
  },
  'max.message.bytes': { default: '1048588', accepts: integerFrom(0) },
  'message.timestamp.after.max.ms': { default: '3600000', accepts: integerFrom(0) },
  'message.timestamp.before.max.ms': { default: '9223372036854775807', accepts: integerFrom(0) },
  'message.timestamp.type': {
    default: 'CreateTime',
    accepts: (value) => value === 'CreateTime' || value === 'LogAppendTime',
  },
  'min.insync.replicas': { default: '1', accepts: integerFrom(1) },
  'retention.bytes': { default: '-1', accepts: integerFrom(-1) },
  'retention.ms': { default: '604800000', accepts: integerFrom(-1) },
  'segment.bytes': { default: '1073741824', accepts: integerFrom(1024 * 1024) },
}

/** Every setting of a topic, with the given ones over the defaults. */
export function configEntries(given: Readonly<Record<string, string>>): ConfigEntry[] {
  return Object.entries(RULES).map(([name, rule]) => ({
    name,
    value: given[name] ?? rule.default,
    isDefault: given[name] === undefined,
  }))
}

/** @throws RequestRefused INVALID_CONFIG */
export function topicConfigFrom(given: Readonly<Record<string, string>>): TopicConfig {
  for (const [name, value] of Object.entries(given)) {
    const rule = RULES[name]
    if (rule === undefined) throw new RequestRefused(ErrorCode.INVALID_CONFIG, `unknown topic config name: ${name}`)
    if (!rule.accepts(value)) {
      throw new RequestRefused(ErrorCode.INVALID_CONFIG, `invalid value ${value} for configuration ${name}`)
    }
  }
  const value = (name: string): string => given[name] ?? RULES[name]?.default ?? ''
  return {
    maxMessageBytes: Number(value('max.message.bytes')),
    messageTimestampType: value('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    messageTimestampBeforeMaxMs: Number(value('message.timestamp.before.max.ms')),
    messageTimestampAfterMaxMs: Number(value('message.timestamp.after.max.ms')),
    minInsyncReplicas: Number(value('min.insync.replicas')),
    compacted: value('cleanup.policy').includes('compact'),
  }
}
