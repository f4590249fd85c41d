import { afterEach, expect, test, vi } from 'vitest'
import { Kafka, logLevel, type LogEntry } from '../../src/index.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test('entries go to the sink that the log creator made, with namespace and level', () => {
  const entries: LogEntry[] = []
  const logCreator = vi.fn(() => (entry: LogEntry) => void entries.push(entry))
  const logger = new Kafka({ brokers: ['b:1'], logLevel: logLevel.WARN, logCreator }).producer().logger()
  logger.info('not this')
  logger.warn('this', { more: 1 })
  logger.setLogLevel(logLevel.DEBUG)
  logger.debug('and this')
  expect(logCreator.mock.calls).toEqual([[logLevel.WARN]])
  expect(entries.map(({ namespace, label, log }) => [namespace, label, log.message, log['more']])).toEqual([
    ['Producer', 'WARN', 'this', 1],
    ['Producer', 'DEBUG', 'and this', undefined],
  ])
  expect(entries[0]?.log['logger']).toBe('kafkajs')
  expect(entries[0]?.log.timestamp).toMatch(/^\d{4}-.*Z$/)
})

test('the environment is stronger than the configuration', () => {
  vi.stubEnv('KAFKAJS_LOG_LEVEL', 'error')
  const entries: LogEntry[] = []
  const kafka = new Kafka({ brokers: ['b:1'], logCreator: () => (entry) => void entries.push(entry) })
  kafka.logger().warn('not this')
  kafka.logger().error('this')
  expect(entries.map(({ label }) => label)).toEqual(['ERROR'])
})

test('without a log creator the console gets a line of JSON', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  new Kafka({ brokers: ['b:1'] }).logger().namespace('Mine').warn('careful')
  expect(JSON.parse(String(warn.mock.calls[0]?.[0]))).toMatchObject({
    level: 'WARN',
    logger: 'kafkajs',
    message: '[Mine] careful',
  })
})
