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

const INT_MAX = 2n ** 31n - 1n
const LONG_MAX = 2n ** 63n - 1n
const LONG_MIN = -(2n ** 63n)

const isOneOf =
  (...allowed: readonly string[]) =>
  (value: string) =>
    allowed.includes(value)
const isListOf =
  (...allowed: readonly string[]) =>
  (value: string) =>
    value === '' || value.split(',').every((item) => allowed.includes(item.trim()))
const integer =
  (min: bigint, max: bigint) =>
  (value: string): boolean => {
    if (!/^[+-]?\d{1,19}$/.test(value)) return false
    const number = BigInt(value)
    return min <= number && number <= max
  }
const int = (min: number, max: number | bigint = INT_MAX) => integer(BigInt(min), BigInt(max))
const long = (min: number | bigint) => integer(BigInt(min), LONG_MAX)
const isBoolean = (value: string): boolean => /^(?:true|false)$/i.test(value)
const isRatio = (value: string): boolean => /^\d*\.?\d+(?:e-?\d+)?$/i.test(value) && Number(value) <= 1
/** `partition:broker` pairs, or all of them. */
const isThrottledReplicas = (value: string): boolean =>
  /^(?:\*|(?:\d+:\d+(?:,\d+:\d+)*)?)$/.test(value.replaceAll(' ', ''))

/**
 * The settings that a topic can be created with, as Kafka checks them. What they do not name is refused, as Kafka refuses a
 * misspelt one. A map, since an object has names of its own, as `constructor`.
 *
 * @source Kafka 4.3.1 LogConfig.CONFIG
 */
const RULES: ReadonlyMap<string, ConfigRule> = new Map<string, ConfigRule>([
  ['cleanup.policy', { default: 'delete', accepts: isListOf('delete', 'compact') }],
  ['compression.gzip.level', { default: '-1', accepts: (value) => int(-1, 9)(value) && Number(value) !== 0 }],
  ['compression.lz4.level', { default: '9', accepts: int(1, 17) }],
  [
    'compression.type',
    { default: 'producer', accepts: isOneOf('producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd') },
  ],
  ['compression.zstd.level', { default: '3', accepts: int(-131_072, 22) }],
  ['delete.retention.ms', { default: '86400000', accepts: long(0) }],
  ['file.delete.delay.ms', { default: '60000', accepts: long(0) }],
  ['flush.messages', { default: `${LONG_MAX}`, accepts: long(1) }],
  ['flush.ms', { default: `${LONG_MAX}`, accepts: long(0) }],
  ['follower.replication.throttled.replicas', { default: '', accepts: isThrottledReplicas }],
  ['index.interval.bytes', { default: '4096', accepts: int(0) }],
  ['leader.replication.throttled.replicas', { default: '', accepts: isThrottledReplicas }],
  ['local.retention.bytes', { default: '-2', accepts: long(-2) }],
  ['local.retention.ms', { default: '-2', accepts: long(-2) }],
  ['max.compaction.lag.ms', { default: `${LONG_MAX}`, accepts: long(1) }],
  ['max.message.bytes', { default: '1048588', accepts: int(0) }],
  ['message.timestamp.after.max.ms', { default: '3600000', accepts: long(0) }],
  ['message.timestamp.before.max.ms', { default: `${LONG_MAX}`, accepts: long(0) }],
  ['message.timestamp.type', { default: 'CreateTime', accepts: isOneOf('CreateTime', 'LogAppendTime') }],
  ['min.cleanable.dirty.ratio', { default: '0.5', accepts: isRatio }],
  ['min.compaction.lag.ms', { default: '0', accepts: long(0) }],
  ['min.insync.replicas', { default: '1', accepts: int(1) }],
  ['preallocate', { default: 'false', accepts: isBoolean }],
  ['remote.log.copy.disable', { default: 'false', accepts: isBoolean }],
  ['remote.log.delete.on.disable', { default: 'false', accepts: isBoolean }],
  // Kafka refuses it where the brokers have no tiered storage.
  ['remote.storage.enable', { default: 'false', accepts: (value) => /^false$/i.test(value) }],
  ['retention.bytes', { default: '-1', accepts: long(LONG_MIN) }],
  ['retention.ms', { default: '604800000', accepts: long(-1) }],
  ['segment.bytes', { default: '1073741824', accepts: int(1024 * 1024) }],
  ['segment.index.bytes', { default: '10485760', accepts: int(4) }],
  ['segment.jitter.ms', { default: '0', accepts: long(0) }],
  ['segment.ms', { default: '604800000', accepts: long(1) }],
  ['unclean.leader.election.enable', { default: 'false', accepts: isBoolean }],
])

/** Every setting of a topic, with the given ones over the defaults. */
export function configEntries(given: Readonly<Record<string, string>>): ConfigEntry[] {
  return [...RULES].map(([name, rule]) => ({
    name,
    value: given[name] ?? rule.default,
    isDefault: given[name] === undefined,
  }))
}

/** @throws RequestRefused INVALID_CONFIG */
export function topicConfigFrom(given: Readonly<Record<string, string>>): TopicConfig {
  for (const [name, value] of Object.entries(given)) {
    const rule = RULES.get(name)
    if (rule === undefined) refuse(`unknown topic config name: ${name}`)
    if (!rule.accepts(value.trim())) refuse(`invalid value ${value} for configuration ${name}`)
  }
  const value = (name: string): string => (given[name] ?? RULES.get(name)?.default ?? '').trim()
  const [minLagMs, maxLagMs] = [value('min.compaction.lag.ms'), value('max.compaction.lag.ms')]
  if (BigInt(minLagMs) > BigInt(maxLagMs)) {
    refuse(`min.compaction.lag.ms (${minLagMs}) is more than max.compaction.lag.ms (${maxLagMs})`)
  }
  return {
    maxMessageBytes: Number(value('max.message.bytes')),
    messageTimestampType: value('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    messageTimestampBeforeMaxMs: Number(value('message.timestamp.before.max.ms')),
    messageTimestampAfterMaxMs: Number(value('message.timestamp.after.max.ms')),
    minInsyncReplicas: Number(value('min.insync.replicas')),
    compacted: value('cleanup.policy').includes('compact'),
  }
}

function refuse(message: string): never {
  throw new RequestRefused(ErrorCode.INVALID_CONFIG, message)
}
