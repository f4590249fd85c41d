import { randomBytes } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import { INDEX_DIGITS } from './demo-records.ts'

/** What a run of the demo does. */
export interface DemoSettings {
  /** Undefined: an embedded broker is started for the run. */
  readonly bootstrapServers: string | undefined
  readonly recordCount: number
  readonly valueBytes: number
  readonly partitionCount: number
  readonly topic: string
  /** A topic that was not named by the user is deleted after the run. */
  readonly keepsTopic: boolean
  /** The last line of the output is the result as JSON. */
  readonly json: boolean
}

interface Options {
  readonly bootstrapServers?: string
  readonly records: number
  readonly valueBytes: number
  readonly partitions: number
  readonly topic?: string
  readonly json: boolean
}

/** Prints what is wrong in one line and exits with 1 when it cannot work. */
export function parseArguments(argv: readonly string[]): DemoSettings {
  const options = new Command('demo')
    .description('Produces records, reads all of them back, and checks every byte, offset and their order.')
    .option('--bootstrap-servers <host:port,...>', 'a Kafka that runs already (default: an embedded broker)')
    .option('--records <count>', 'how many records', integerFrom(1, 100_000_000), 1_000_000)
    .option('--value-bytes <bytes>', 'size of each value', integerFrom(INDEX_DIGITS, 1_000_000), 100)
    .option('--partitions <count>', 'partitions of the topic, if it is created', integerFrom(1, 10_000), 6)
    .option('--topic <name>', 'a topic to write to, kept afterwards (default: one of its own, deleted afterwards)')
    .option('--json', 'end with one line of JSON', false)
    .allowExcessArguments(false)
    .parse(argv)
    .opts<Options>()
  return {
    bootstrapServers: options.bootstrapServers,
    recordCount: options.records,
    valueBytes: options.valueBytes,
    partitionCount: options.partitions,
    topic: options.topic ?? `linger-demo-${randomBytes(4).toString('hex')}`,
    keepsTopic: options.topic !== undefined,
    json: options.json,
  }
}

function integerFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`)
  }
}
