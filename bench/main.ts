import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { compareWith } from './against.ts'
import { describeMachine, type Machine } from './report/machine.ts'
import { reportMarkdown, type SuiteReport, type Table } from './report/report.ts'
import { type Cluster, startRealKafka, startSink, startTransactionalEmbedded } from './run/cluster.ts'
import type { Suite, SuiteContext } from './suites/suite.ts'
import { suites } from './suites/suites.ts'

interface Options {
  readonly only: readonly string[]
  readonly rounds: number
  readonly quick: boolean
  readonly sink: boolean
  readonly save: boolean
  readonly strict: boolean
  readonly against?: string
}

const RESULTS = join(import.meta.dirname, 'results')
const QUICK_ROUNDS = 2

const command = new Command('bench')
  .description('Measures Linger beside the other Kafka clients, each in its own process, in turn.')
  .option('--only <suite...>', `one or more of: ${suites.map(({ name }) => name).join(', ')}`, suiteNames, [])
  .option('--rounds <count>', 'how often every client runs, interleaved', positiveInteger, 5)
  .option('--quick', `short runs and ${QUICK_ROUNDS} rounds, to see that everything works`, false)
  .option('--sink', 'against a broker that only acknowledges, in its own process, instead of a real Kafka', false)
  .option('--against <commit>', 'compare the working tree with a commit, on the sink, with an A/A pair beside it')
  .option('--save', 'write JSON and markdown to bench/results', false)
  .option('--strict', 'exit with 1 when a figure misses its limit', false)
  .addHelpText('after', `\nSuites:\n${suites.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n')}`)
  .parse()

const options = command.opts<Options>()
const rounds = options.quick && command.getOptionValueSource('rounds') === 'default' ? QUICK_ROUNDS : options.rounds
const progress = (line: string): void => void process.stderr.write(`${line}\n`)

if (options.against === undefined) await measure()
else process.stdout.write(`${await compareWith(options.against, { rounds, quick: options.quick, progress })}\n`)

async function measure(): Promise<void> {
  const chosen = suites.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  let cluster: Promise<Cluster> | undefined
  const context: SuiteContext = {
    rounds,
    quick: options.quick,
    progress,
    cluster: async () => (cluster ??= options.sink ? startSink() : startRealKafka()),
    transactionalCluster: async (transactionVersion) =>
      options.sink ? startTransactionalEmbedded(transactionVersion) : startRealKafka({ transactionVersion }),
  }

  const reports: SuiteReport[] = []
  try {
    for (const suite of chosen) reports.push(await runSuite(suite, context))
  } finally {
    await (await cluster)?.stop()
  }

  const machine = describeMachine((await cluster)?.description ?? 'none needed')
  const length = options.quick ? 'QUICK RUN: the figures only show that everything works.' : 'Full-length runs.'
  const markdown = reportMarkdown(machine, `${length} ${rounds} interleaved rounds; medians.`, reports)
  process.stdout.write(`${markdown}\n`)
  if (options.save) await save(machine, markdown, reports)

  const verdicts = new Set(reports.flatMap(({ claims }) => claims.map(({ verdict }) => verdict)))
  if (verdicts.has('failed') || reports.some(({ tables }) => anyFailed(tables))) process.exitCode = 1
  if (options.strict && verdicts.has('missed')) process.exitCode = 1
}

/** A suite that breaks is a failed row: those before and after it are still worth their minutes. */
async function runSuite(suite: Suite, context: SuiteContext): Promise<SuiteReport> {
  try {
    return await suite.run(context)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    progress(`FAILED: ${suite.name}: ${why}`)
    const row = {
      claim: 'all',
      figure: why.split('\n')[0] ?? '',
      limit: '',
      verdict: 'failed',
      suite: suite.name,
    } as const
    return { suite: suite.name, tables: [], claims: [row], runs: [] }
  }
}

/** A client that failed shows in the settings table, also when no claim depends on it. */
function anyFailed(tables: readonly Table[]): boolean {
  return tables.some(({ rows }) => rows.some((row) => row.some((cell) => cell.startsWith('failed'))))
}

async function save(machine: Machine, markdown: string, reports: readonly SuiteReport[]): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  const name = join(RESULTS, `${machine.date.slice(0, 10)}-${machine.commit}`)
  await writeFile(`${name}.md`, `${markdown}\n`)
  await writeFile(`${name}.json`, `${JSON.stringify({ machine, rounds, quick: options.quick, reports }, null, 2)}\n`)
}

function suiteNames(name: string, previous: readonly string[]): readonly string[] {
  if (!suites.some((suite) => suite.name === name)) {
    throw new InvalidArgumentError(`It must be one of: ${suites.map((suite) => suite.name).join(', ')}.`)
  }
  return [...previous, name]
}

function positiveInteger(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.')
  return value
}
