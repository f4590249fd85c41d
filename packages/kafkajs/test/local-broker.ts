import { startBroker, type RunningBroker, type StartBrokerOptions } from '@linger/broker'
import { afterAll, beforeAll } from 'vitest'
import { Kafka, logLevel, type KafkaConfig, type LogEntry } from '../src/index.ts'

/** Tries again soon, and not for long. */
export const SOON = { initialRetryTime: 5, maxRetryTime: 20, retries: 3 } as const

export interface Local {
  readonly bootstrapServers: string
  readonly cluster: RunningBroker['broker']['cluster']
  readonly logged: LogEntry[]
  kafka(config?: Partial<KafkaConfig>): Kafka
}

/** One broker for the tests of a file. */
export function useLocalBroker(options: StartBrokerOptions): Local {
  let broker: RunningBroker | undefined
  const logged: LogEntry[] = []
  const running = (): RunningBroker => {
    if (broker === undefined) throw new Error('the broker does not run')
    return broker
  }
  beforeAll(async () => {
    broker = await startBroker(options)
  })
  afterAll(async () => {
    await broker?.close()
  })
  return {
    get bootstrapServers() {
      return running().bootstrapServers
    },
    get cluster() {
      return running().broker.cluster
    },
    logged,
    kafka: (config) =>
      new Kafka({
        brokers: [running().bootstrapServers],
        clientId: 'test',
        retry: SOON,
        logLevel: logLevel.WARN,
        logCreator: () => (entry) => void logged.push(entry),
        ...config,
      }),
  }
}

/** What a call rejects with. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not reject')
}

/** Passes a value as whatever is wanted, as callers in JavaScript do. */
export function unchecked(value: unknown): never {
  claim(value)
  return value
}

function claim(_value: unknown): asserts _value is never {}
