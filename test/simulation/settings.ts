import { createHash, randomInt } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import type { Histories } from './plan/histories.ts'

/** What a run of the simulation does. */
export interface SimulationSettings {
  readonly seedCount: number
  /** The seeds follow from it. */
  readonly base: number
  /** Only this one, again. */
  readonly seed: number | undefined
  /** A plan to run instead of one that is drawn: what shrinking has left. */
  readonly planFile: string | undefined
  readonly traceFile: string | undefined
  /** The engine is broken on purpose, which must be found. */
  readonly isCanary: boolean
  readonly histories: Histories
  readonly workerCount: number
  readonly json: boolean
}

interface Options {
  readonly seeds: number
  readonly base?: number
  readonly seed?: number
  readonly plan?: string
  readonly trace?: string
  readonly canary: boolean
  readonly transactions: boolean
  readonly workers: number
  readonly json: boolean
}

export const SEED_MAX: number = 2 ** 32 - 1

/** Prints what is wrong in one line and exits with 1 when it cannot work. */
export function parseSettings(argv: readonly string[]): SimulationSettings {
  const { seeds, base, seed, plan, trace, canary, transactions, workers, json } = new Command('sim')
    .description(
      'Runs the real engine against a simulated cluster and network on a virtual clock, under faults that each seed ' +
        'draws, and checks every promise. The same seed makes the same history.',
    )
    .option('--seeds <count>', 'how many histories', integerFrom(1, 10_000_000), 2_000)
    .option(
      '--base <number>',
      'the seeds follow from it (default: the commit in CI, else chance)',
      integerFrom(0, SEED_MAX),
    )
    .option('--seed <number>', 'only this history, again', integerFrom(0, SEED_MAX))
    .option('--plan <file>', 'only this history, from the file that shrinking has written')
    .option('--trace <file>', 'write what happened as JSON lines; with --seed or --plan')
    .option('--transactions', 'histories of transactional producers and nothing else', false)
    .option('--canary', 'break the engine on purpose: it must be found', false)
    .option('--workers <count>', 'threads', integerFrom(1, 256), availableParallelism())
    .option('--json', 'end with one line of JSON', false)
    .allowExcessArguments(false)
    .parse(argv)
    .opts<Options>()
  return {
    seedCount: seeds,
    base: base ?? (process.env['CI'] === 'true' ? baseOfCommit() : randomInt(SEED_MAX)),
    seed,
    planFile: plan,
    traceFile: trace,
    isCanary: canary,
    histories: transactions ? 'transactions' : 'delivery',
    workerCount: Math.min(workers, seeds),
    json,
  }
}

/** Every commit explores new ground, and anybody can go there again. */
function baseOfCommit(): number {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
  return createHash('sha256').update(commit).digest().readUInt32BE(0)
}

function integerFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}.`)
  }
}
