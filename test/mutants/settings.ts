import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'

/** What a campaign of mutants does. */
export interface MutantsSettings {
  /** Only mutants in whose name this text is. */
  readonly only: string | undefined
  /** Only mutants of transactions. */
  readonly isOfTransactions: boolean
  /** Histories that each mutant is given to survive. */
  readonly seedCount: number
  /** The seeds follow from it. */
  readonly base: number
  readonly workerCount: number
  readonly json: boolean
}

interface Options {
  readonly only?: string
  readonly transactions: boolean
  readonly seeds: number
  readonly base: number
  readonly workers: number
  readonly json: boolean
}

/** Prints what is wrong in one line and exits with 1 when it cannot work. */
export function parseSettings(argv: readonly string[]): MutantsSettings {
  const { seeds, workers, transactions, ...others } = new Command('mutants')
    .description(
      'Breaks the engine on purpose, in one way after the other, and counts the histories that the simulation needs ' +
        'to find it. Nothing is written: each mutant exists only in the thread that runs it.',
    )
    .option('--only <text>', 'only mutants in whose name this is')
    .option('--transactions', 'only mutants of transactions', false)
    .option('--seeds <count>', 'histories that each is given to survive', integerFrom(1, 1_000_000), 200)
    .option('--base <number>', 'the seeds follow from it', integerFrom(0, 2 ** 32 - 1), 1)
    .option('--workers <count>', 'threads', integerFrom(1, 256), Math.min(2, availableParallelism()))
    .option('--json', 'end with one line of JSON', false)
    .allowExcessArguments(false)
    .parse(argv)
    .opts<Options>()
  return { ...others, only: others.only, isOfTransactions: transactions, seedCount: seeds, workerCount: workers }
}

function integerFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`)
  }
}
