import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import type { FuzzTarget } from './fuzz-target.ts'
import { FUZZ_TARGETS } from './fuzz-targets.ts'

const SEED_MAX = 2 ** 31 - 1

/** What a run of the fuzzer does. */
export interface FuzzRun {
  /** For all targets together. */
  readonly seconds: number
  readonly seed: number
  readonly targets: readonly FuzzTarget[]
  readonly path: string | undefined
}

interface Options {
  readonly seconds: number
  readonly seed?: number
  readonly targets: readonly FuzzTarget[]
  readonly path?: string
}

/** Prints what is wrong in one line and exits with 1 when it cannot work. */
export function parseFuzzRun(argv: readonly string[]): FuzzRun {
  const {
    seconds,
    seed = randomInt(SEED_MAX),
    targets,
    path,
  } = new Command('fuzz')
    .description(
      'Throws damaged and made-up inputs at everything that reads what others say: a value or a refusal is right, ' +
        'within 4 times the input and 1 MiB of memory.',
    )
    .option('--seconds <count>', 'for all targets together', integerFrom(1, 864_000), 300)
    .option('--seed <number>', 'the same seed makes the same inputs (default: by chance)', integerFrom(0, SEED_MAX))
    .option('--targets <text>', 'only those that have it in their name (default: all)', targetsNamed, FUZZ_TARGETS)
    .option('--path <path>', 'only this input, as a finding names it; with --targets and --seed')
    .addHelpText('after', `\nTargets:\n${FUZZ_TARGETS.map(({ name }) => `  ${name}`).join('\n')}`)
    .allowExcessArguments(false)
    .parse(argv)
    .opts<Options>()
  return { seconds, seed, targets, path }
}

function integerFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`)
  }
}

function targetsNamed(text: string): readonly FuzzTarget[] {
  const found = FUZZ_TARGETS.filter(({ name }) => name.includes(text))
  if (found.length === 0) throw new InvalidArgumentError('No target has that in its name.')
  return found
}
