import { MUTANTS } from './mutants.ts'
import { lineFor, reportFor, summaryOf } from './report.ts'
import { runMutants } from './run-mutants.ts'
import { parseSettings } from './settings.ts'

const settings = parseSettings(process.argv)
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const { only, isOfTransactions } = settings
const mutants = MUTANTS.filter(
  ({ name, histories }) =>
    (only === undefined || name.includes(only)) && (!isOfTransactions || histories === 'transactions'),
)
if (mutants.length === 0) {
  process.stderr.write(
    `error: no mutant is called like ${JSON.stringify(only)}; test/mutants/mutants/ has their names\n`,
  )
  process.exit(1)
}
print(`${mutants.length} mutants, at most ${settings.seedCount} histories each`)
const result = await runMutants(mutants, settings, (verdict) => print(lineFor(verdict)), interrupt.signal)
const summary = summaryOf(settings, result)
print(reportFor(summary))
if (settings.json) print(JSON.stringify(summary))
process.exitCode = summary.passed && !interrupt.signal.aborted ? 0 : 1
