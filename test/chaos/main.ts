import { chaosJson, isFaultless, reportFor } from './chaos-report.ts'
import { chaosProgress } from './chaos-progress.ts'
import { parseChaosSettings } from './chaos-settings.ts'
import { runChaos } from './run-chaos.ts'

// The first Ctrl-C stops the brokers and the load; a second one ends at once, and they end by themselves.
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())

const settings = parseChaosSettings(process.argv)
const { events, stop } = chaosProgress(settings.recordCount)
try {
  const result = await runChaos(settings, events, interrupt.signal)
  stop()
  process.stdout.write(`${reportFor(settings, result)}\n`)
  if (settings.json) process.stdout.write(`${chaosJson(settings, result)}\n`)
  process.exitCode = isFaultless(result) ? 0 : 1
} catch (error) {
  stop()
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(interrupt.signal.aborted ? 'interrupted\n' : `error: ${reason}\nseed ${settings.seed}\n`)
  process.exitCode = interrupt.signal.aborted ? 130 : 1
}
