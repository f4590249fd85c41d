import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { SingleBar } from 'cli-progress'
import type { Outcome } from './campaign/campaign-messages.ts'
import { reportFor, summaryOf } from './campaign/campaign-report.ts'
import { isFailure, runCampaign } from './campaign/run-campaign.ts'
import { runPlan } from './campaign/run-plan.ts'
import { planFor } from './plan/histories.ts'
import type { Plan } from './plan/plan.ts'
import { parseSettings, type SimulationSettings } from './settings.ts'

const PLANS = new URL('../../.simulation/', import.meta.url)

/** Where there is no terminal for a bar. */
const PROGRESS_LINES = 20

const settings = parseSettings(process.argv)
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())

const print = (line: string): void => void process.stdout.write(`${line}\n`)

process.exitCode =
  settings.seed === undefined && settings.planFile === undefined ? await campaign(settings) : await replay(settings)

async function campaign({ seedCount, base, isCanary, json }: SimulationSettings): Promise<number> {
  print(`${seedCount} seeds from base ${base}`)
  const bar = new SingleBar({ format: '[{bar}] {value}/{total} seeds', noTTYOutput: false, gracefulExit: false })
  const { isTTY } = process.stderr
  if (isTTY) bar.start(seedCount, 0)
  const linesEvery = Math.ceil(seedCount / PROGRESS_LINES)
  const onOutcome = (outcome: Outcome, doneCount: number): void => {
    if (isTTY) bar.update(doneCount)
    else if (doneCount % linesEvery === 0) print(`${doneCount} of ${seedCount} seeds`)
    if (isFailure(outcome)) printFailure(outcome)
  }
  const result = await runCampaign(settings, { onOutcome }, interrupt.signal)
  bar.stop()
  for (const { seed, reason } of result.crashed) print(`seed ${seed}: ${reason}\n  replay: ${replayCommand(seed)}`)
  if (isCanary) {
    const isFound = result.outcomes.some(isFailure)
    print(isFound ? `the canary was found after ${result.outcomes.length} seeds` : 'THE CANARY WAS NOT FOUND')
    return isFound ? 0 : 1
  }
  const summary = summaryOf(settings, result)
  print(reportFor(summary, result))
  if (json) print(JSON.stringify(summary))
  return summary.passed && !interrupt.signal.aborted ? 0 : 1
}

function printFailure({ seed, violations, isRepeatable, shrunk }: Outcome): void {
  print(`seed ${seed}:${violations.map((violation) => `\n  ${violation}`).join('')}`)
  if (isRepeatable === false) print('  a second run of it was another')
  print(`  replay: ${replayCommand(seed)}`)
  if (shrunk === undefined) return
  mkdirSync(PLANS, { recursive: true })
  const file = new URL(`${seed}.json`, PLANS)
  writeFileSync(file, `${JSON.stringify(shrunk, undefined, 2)}\n`)
  const calls = shrunk.producers.reduce((sum, { steps }) => sum + steps.length, 0)
  print(`  shrunk to ${shrunk.faults.length} faults and ${calls} calls: pnpm sim --plan .simulation/${seed}.json`)
}

function replayCommand(seed: number): string {
  return `pnpm sim${settings.histories === 'transactions' ? ' --transactions' : ''} --seed ${seed} --trace trace.jsonl`
}

function readPlan(file: string): Plan {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file that printFailure has written
    return JSON.parse(readFileSync(file, 'utf8')) as Plan
  } catch (error) {
    process.stderr.write(
      `error: --plan ${file} is no plan: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exit(1)
  }
}

/** One history, told. */
async function replay({ seed, planFile, traceFile, histories }: SimulationSettings): Promise<number> {
  const plan = planFile === undefined ? planFor(histories, seed ?? 0) : readPlan(planFile)
  const lines: string[] = []
  const { result, digest } = await runPlan(plan, traceFile === undefined ? undefined : (line) => lines.push(line))
  if (traceFile !== undefined) writeFileSync(traceFile, `${lines.join('\n')}\n`)
  const { violations, delivery, transactions, fired, virtualMs } = result
  for (const { kind, atMs, durationMs } of plan.faults) print(`${atMs} ms: ${kind}, for ${durationMs} ms`)
  print(`fired: ${JSON.stringify(fired)}`)
  print(
    `${delivery.sent} records in ${Math.round(virtualMs)} ms: ${delivery.acked} acknowledged, ${delivery.never} never, ${delivery.unknown} unknown`,
  )
  print(
    `${transactions.transactions} transactions: ${transactions.committed} committed, ${transactions.aborted} aborted, ${transactions.unknown} unknown`,
  )
  print(`trace ${digest}${traceFile === undefined ? '' : `, in ${traceFile}`}`)
  for (const violation of violations) print(violation)
  print(`violations: ${violations.length}`)
  return violations.length === 0 ? 0 : 1
}
