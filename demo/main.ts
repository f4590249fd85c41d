import { parseArguments } from './arguments.ts'
import { jsonLine, printReport } from './demo-report.ts'
import { runDemo } from './run-demo.ts'

// The first Ctrl-C stops the broker and removes the topic; a second one ends at once.
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())

const settings = parseArguments(process.argv)
try {
  const result = await runDemo(settings, interrupt.signal)
  printReport(settings, result)
  if (settings.json) console.log(jsonLine(result))
  process.exitCode = result.allVerified ? 0 : 1
} catch (error) {
  console.error(
    interrupt.signal.aborted ? 'interrupted' : `error: ${error instanceof Error ? error.message : String(error)}`,
  )
  process.exitCode = interrupt.signal.aborted ? 130 : 1
}
