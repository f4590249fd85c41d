import { consoleLogCreator } from './console-log-creator.ts'

/** How much is logged, by KafkaJS's numbers. */
export const logLevel = { NOTHING: 0, ERROR: 1, WARN: 2, INFO: 4, DEBUG: 5 } as const

export type logLevel = (typeof logLevel)[keyof typeof logLevel]

export interface LoggerEntryContent {
  readonly timestamp: string
  readonly message: string
  readonly [key: string]: unknown
}

export interface LogEntry {
  namespace: string
  level: logLevel
  label: string
  log: LoggerEntryContent
}

/** Makes a sink of log entries, once per client. */
export type logCreator = (level: logLevel) => (entry: LogEntry) => void

export type Logger = {
  info: (message: string, extra?: object) => void
  error: (message: string, extra?: object) => void
  warn: (message: string, extra?: object) => void
  debug: (message: string, extra?: object) => void
  namespace: (namespace: string, level?: logLevel) => Logger
  setLogLevel: (level: logLevel) => void
}

/**
 * The logger of a client, and of its parts by their namespaces.
 *
 * @param level KAFKAJS_LOG_LEVEL in the environment is stronger
 */
export function createLogger(level: logLevel = logLevel.INFO, creator: logCreator = consoleLogCreator): Logger {
  let current = fromEnvironment() ?? level
  const write = creator(current)

  const loggerFor = (namespace: string | undefined, own: logLevel | undefined): Logger => {
    const log =
      (label: keyof typeof logLevel): Logger['info'] =>
      (message, extra = {}) => {
        if (logLevel[label] > (own ?? current)) return
        const content = { timestamp: new Date().toISOString(), logger: 'kafkajs', message, ...extra }
        // KafkaJS leaves the namespace of the client's own logger undefined, whatever its types say.
        write({ namespace: namespace as string, level: logLevel[label], label, log: content })
      }
    return {
      info: log('INFO'),
      error: log('ERROR'),
      warn: log('WARN'),
      debug: log('DEBUG'),
      namespace: (name, ownLevel) => loggerFor(name, fromEnvironment() ?? ownLevel),
      setLogLevel: (newLevel) => {
        current = newLevel
      },
    }
  }
  return loggerFor(undefined, undefined)
}

function fromEnvironment(): logLevel | undefined {
  const name = (process.env['KAFKAJS_LOG_LEVEL'] ?? '').toUpperCase()
  return Object.hasOwn(logLevel, name) ? logLevel[name as keyof typeof logLevel] : undefined
}
