import { BUFFER_BYTES_MAX, RECORD_OVERHEAD_BYTES } from '../accumulate/buffer-memory.ts'
import { KafkaError } from '../errors.ts'
import { partitionerNames } from '../partition/partitioner.ts'
import { parseBootstrapServers } from './bootstrap-servers.ts'
import type { AnyProducerConfig, Logger, ResolvedConfig } from './producer-config.ts'
import { checkedSecurity, securityProtocols } from './security.ts'

const INT32_MAX = 2_147_483_647

/** Room for two batch buffers: one must always fit beside what its record costs. */
const BUFFER_MEMORY_MIN = 2 * BUFFER_BYTES_MAX

type Check = (value: unknown) => string | undefined

interface Property {
  /** What is right, for the error; undefined when the value is. */
  readonly check: Check
  readonly default?: unknown
}

const PROPERTIES: Readonly<Record<keyof ResolvedConfig, Property>> = {
  bootstrapServers: { check: textOrListOfText },
  clientId: { check: text, default: 'linger' },
  acks: { check: oneOf([0, 1, -1, 'all']), default: 'all' },
  enableIdempotence: { check: trueOrFalse, default: true },
  transactionalId: { check: optional(text) },
  transactionTimeoutMs: { check: integer(1, INT32_MAX), default: 60_000 },
  lingerMs: { check: integer(0, INT32_MAX), default: 0 },
  batchSize: { check: integer(0, 0x4000_0000), default: 1_000_000 },
  bufferMemory: { check: integer(BUFFER_MEMORY_MIN, Number.MAX_SAFE_INTEGER), default: 33_554_432 },
  maxBlockMs: { check: integer(0, INT32_MAX), default: 60_000 },
  maxRequestSize: { check: integer(1024, 0x4000_0000), default: 1_048_576 },
  maxProduceRequestBytes: { check: integer(1, 0x4000_0000), default: 16_777_216 },
  deliveryTimeoutMs: { check: integer(1, INT32_MAX), default: 120_000 },
  requestTimeoutMs: { check: integer(1, INT32_MAX), default: 30_000 },
  acksTimeoutMs: { check: optional(integer(0, INT32_MAX)) },
  retries: { check: integer(0, INT32_MAX), default: INT32_MAX },
  retryBackoffMs: { check: integer(0, INT32_MAX), default: 100 },
  retryBackoffMaxMs: { check: integer(0, INT32_MAX), default: 1_000 },
  reconnectBackoffMs: { check: integer(0, INT32_MAX), default: 50 },
  reconnectBackoffMaxMs: { check: integer(0, INT32_MAX), default: 1_000 },
  socketConnectionSetupTimeoutMs: { check: integer(1, INT32_MAX), default: 10_000 },
  socketConnectionSetupTimeoutMaxMs: { check: integer(1, INT32_MAX), default: 30_000 },
  connectionsMaxIdleMs: { check: idleTime, default: 540_000 },
  maxInFlightRequestsPerConnection: { check: integer(1, 5), default: 5 },
  metadataMaxAgeMs: { check: integer(0, INT32_MAX), default: 300_000 },
  metadataMaxIdleMs: { check: integer(5_000, INT32_MAX), default: 300_000 },
  metadataRecoveryStrategy: { check: oneOf(['none', 'rebootstrap']), default: 'rebootstrap' },
  metadataRecoveryRebootstrapTriggerMs: { check: integer(0, INT32_MAX), default: 300_000 },
  allowAutoTopicCreation: { check: trueOrFalse, default: true },
  partitioner: { check: nameOrFunction(partitionerNames), default: 'default' },
  compressionType: { check: oneOf(['none', 'gzip', 'snappy', 'lz4', 'zstd']), default: 'none' },
  compressionGzipLevel: { check: gzipLevel, default: -1 },
  compressionZstdLevel: { check: integer(-131_072, 22), default: 3 },
  securityProtocol: { check: oneOf(securityProtocols), default: 'PLAINTEXT' },
  // Checked by checkedSecurity, which tells no secret.
  ssl: { check: () => undefined },
  sasl: { check: () => undefined },
  keySerializer: { check: optional(aFunction) },
  valueSerializer: { check: optional(aFunction) },
  statisticsIntervalMs: { check: integer(0, 86_400_000), default: 0 },
  telemetry: { check: optional(telemetryEncoder) },
  interceptors: { check: listOfInterceptors, default: [] },
  logger: { check: logger, default: console },
}

/**
 * Fills in the defaults and refuses what cannot work.
 *
 * @throws KafkaError INVALID_CONFIG that names the key and what would be right
 */
export function resolveConfig(config: AnyProducerConfig): ResolvedConfig {
  const given = config as unknown
  if (typeof given !== 'object' || given === null) {
    throw invalidConfig('a producer needs a configuration object, at least { bootstrapServers }')
  }
  for (const key of Object.keys(given)) {
    if (key === 'compressionLz4Level' || key === 'compressionSnappyLevel')
      throw invalidConfig(`${key}: the libraries of lz4 and snappy have no levels: leave it out`)
    if (!Object.hasOwn(PROPERTIES, key)) throw invalidConfig(`${key} is not a configuration key${suggestionFor(key)}`)
  }

  const resolved: Record<string, unknown> = {}
  for (const [key, property] of Object.entries(PROPERTIES)) {
    const configured = (given as Record<string, unknown>)[key]
    const value = configured === undefined ? property.default : configured
    const wanted = property.check(value)
    if (wanted !== undefined) throw invalidConfig(`${key} must be ${wanted}, not ${show(value)}`)
    resolved[key] = value
  }
  resolved['bootstrapServers'] = parseBootstrapServers(config.bootstrapServers, invalidConfig)
  resolved['acks'] = resolved['acks'] === 'all' ? -1 : resolved['acks']
  resolved['acksTimeoutMs'] ??= resolved['requestTimeoutMs']
  Object.assign(resolved, checkedSecurity(resolved as ResolvedConfig, invalidConfig))
  return checkTogether(resolved as ResolvedConfig, config)
}

/** What no single key shows: combinations that cannot work, and defaults that give way to what was asked for. */
function checkTogether(resolved: ResolvedConfig, given: AnyProducerConfig): ResolvedConfig {
  const { acks, retries, lingerMs, requestTimeoutMs, maxRequestSize, bufferMemory } = resolved
  let { enableIdempotence, deliveryTimeoutMs } = resolved

  if (resolved.transactionalId !== undefined && given.enableIdempotence === false) {
    throw invalidConfig('transactionalId needs enableIdempotence true: leave it out, or send without transactions')
  }
  const conflict = acks !== -1 ? `acks ${acks}` : retries === 0 ? 'retries 0' : undefined
  if (enableIdempotence && conflict !== undefined) {
    const wanting = resolved.transactionalId === undefined ? 'enableIdempotence' : 'transactionalId'
    if (given.enableIdempotence === true || wanting === 'transactionalId') {
      throw invalidConfig(
        `${wanting} needs acks 'all' and retries above 0, not ${conflict}: change it, or ${wanting === 'transactionalId' ? 'leave out transactionalId' : 'set enableIdempotence false'}`,
      )
    }
    enableIdempotence = false
    resolved.logger.warn(`linger: idempotence is off because of ${conflict}: a retry may write records twice`)
  }

  if (deliveryTimeoutMs < lingerMs + requestTimeoutMs) {
    if (given.deliveryTimeoutMs !== undefined) {
      throw invalidConfig(
        `deliveryTimeoutMs must be at least lingerMs + requestTimeoutMs (${lingerMs} + ${requestTimeoutMs}), not ${deliveryTimeoutMs}`,
      )
    }
    deliveryTimeoutMs = lingerMs + requestTimeoutMs
  }
  // A record that can never fit would stop all behind it for maxBlockMs.
  const requestSizeMax = bufferMemory - RECORD_OVERHEAD_BYTES
  if (maxRequestSize > requestSizeMax) {
    if (given.maxRequestSize !== undefined || given.bufferMemory === undefined) {
      throw invalidConfig(
        `bufferMemory must be at least maxRequestSize + ${RECORD_OVERHEAD_BYTES} (${maxRequestSize + RECORD_OVERHEAD_BYTES}), not ${bufferMemory}`,
      )
    }
    return { ...resolved, enableIdempotence, deliveryTimeoutMs, maxRequestSize: requestSizeMax }
  }
  return { ...resolved, enableIdempotence, deliveryTimeoutMs }
}

function invalidConfig(message: string): KafkaError {
  return new KafkaError('INVALID_CONFIG', message, { outcome: 'never' })
}

function aFunction(value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : 'a function'
}

function integer(from: number, to: number): Check {
  return (value) =>
    Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to
      ? undefined
      : `an integer from ${from} to ${to}`
}

function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value))
}

function oneOf(values: readonly unknown[]): Check {
  return (value) => (values.includes(value) ? undefined : values.map(show).join(' or '))
}

function nameOrFunction(names: readonly string[]): Check {
  return (value) =>
    typeof value === 'function'
      ? undefined
      : oneOf(names)(value) === undefined
        ? undefined
        : `${names.map(show).join(', ')} or a function`
}

/** A connection that is closed as soon as nothing is in flight could never be used. */
function idleTime(value: unknown): string | undefined {
  const isRight = value === -1 || integer(1, INT32_MAX)(value) === undefined
  return isRight ? undefined : `an integer from 1 to ${INT32_MAX}, or -1 to keep idle connections`
}

function gzipLevel(value: unknown): string | undefined {
  return value === -1 ? undefined : integer(1, 9)(value) && 'an integer from 1 to 9, or -1'
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? undefined : 'a string that is not empty'
}

function textOrListOfText(value: unknown): string | undefined {
  const list = Array.isArray(value) ? (value as unknown[]) : [value]
  return list.length > 0 && list.every((one) => text(one) === undefined)
    ? undefined
    : "'host:port', several of them after commas, or a list"
}

function trueOrFalse(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'true or false'
}

function telemetryEncoder(value: unknown): string | undefined {
  const encode: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'encode') : undefined
  return typeof encode === 'function' ? undefined : 'an encoder of metrics, otlpTelemetry() of @linger/opentelemetry'
}

function listOfInterceptors(value: unknown): string | undefined {
  const isFunction = (one: unknown): boolean => one === undefined || typeof one === 'function'
  const fits = (one: unknown): boolean => {
    if (typeof one !== 'object' || one === null) return false
    const { onSend, onAcknowledgement } = one as { onSend?: unknown; onAcknowledgement?: unknown }
    return isFunction(onSend) && isFunction(onAcknowledgement)
  }
  return Array.isArray(value) && value.every(fits) ? undefined : 'a list of objects with onSend or onAcknowledgement'
}

function logger(value: unknown): string | undefined {
  const methods: readonly (keyof Logger)[] = ['debug', 'info', 'warn', 'error']
  const fits =
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof (value as Logger)[name] === 'function')
  return fits ? undefined : 'an object with debug, info, warn and error'
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

/** The key that was probably meant: Kafka's dotted name, or another spelling of it. */
function suggestionFor(key: string): string {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '')
  const meant = Object.keys(PROPERTIES).find((name) => plain(name) === plain(key) || plain(name) === `${plain(key)}ms`)
  return meant === undefined ? '' : `: did you mean ${meant}?`
}
