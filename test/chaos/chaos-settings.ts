import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import type { Fault } from './faults/fault.ts'
import { FAULTS, faultsNamed } from './faults/faults.ts'

/** What a chaos run does. */
export interface ChaosSettings {
  /** At least so many records are sent. */
  readonly recordCount: number
  /** Faults go on for so long, and until each has hit something. */
  readonly seconds: number
  /** Decides which fault comes when, how long and where. What the machine does with it is its own. */
  readonly seed: number
  readonly faults: readonly Fault[]
  /** The last line of the output is the result as JSON. */
  readonly json: boolean
}

interface Options {
  readonly records: number
  readonly seconds: number
  readonly seed?: number
  readonly faults: readonly Fault[]
  readonly json: boolean
}

const SEED_MAX = 2 ** 32 - 1

/** Prints what is wrong in one line and exits with 1 when it cannot work. */
export function parseChaosSettings(argv: readonly string[]): ChaosSettings {
  const {
    records,
    seed = randomInt(SEED_MAX),
    ...rest
  } = new Command('chaos')
    .description(
      'Three real brokers, a proxy before each, and producers of several configurations between faults. Reads every ' +
        'record back with a Java consumer and counts what was lost, doubled, swapped or untrue.',
    )
    .option('--records <count>', 'at least so many records', integerFrom(1, 1_000_000_000), 6_000_000)
    .option('--seconds <count>', 'faults go on for so long, and until each has hit', integerFrom(1, 86_400), 360)
    .option('--seed <number>', 'decides the faults (default: by chance)', integerFrom(0, SEED_MAX))
    .option('--faults <names>', 'only these, separated by commas (default: all)', faultList, FAULTS)
    .option('--json', 'end with one line of JSON', false)
    .addHelpText('after', `\nFaults: ${FAULTS.map(({ name }) => name).join(', ')}`)
    .allowExcessArguments(false)
    .parse(argv)
    .opts<Options>()
  return { recordCount: records, seed, ...rest }
}

function integerFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`)
  }
}

function faultList(text: string): readonly Fault[] {
  try {
    return faultsNamed(text.split(',').map((name) => name.trim()))
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
  }
}
