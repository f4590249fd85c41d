import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Measurement, parseMeasurement, type Workload } from '../workload.ts'
import type { Command } from './installed-clients.ts'

/** Beyond its own durations: starting a JVM, draining a buffer, a slow topic. */
const GRACE_MS = 180_000

/** Runs a client program to its end and reads the one JSON line it prints. */
export async function runClient([program, ...args]: Command, workload: Workload): Promise<Measurement> {
  const child = spawn(program, [...args, JSON.stringify(workload)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const timeoutMs = Math.min(workload.warmupMs + workload.durationMs + GRACE_MS, 2 ** 31 - 1)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  try {
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    const line = output.trim().split('\n').at(-1) ?? ''
    if (child.exitCode !== 0 || !line.startsWith('{')) {
      throw new Error(
        `${basename(args.at(-1) ?? program)} ended with ${child.signalCode ?? child.exitCode}: ${reason(errors || output)}`,
      )
    }
    const measurement = parseMeasurement(line)
    if (measurement.failed > 0) throw new Error(`${measurement.failed} records failed: ${reason(errors)}`)
    return measurement
  } finally {
    clearTimeout(timer)
  }
}

/** What went wrong, on one line: the first line that names an error, else the last lines. */
function reason(output: string): string {
  const lines = output.trim().split('\n')
  return lines.find((line) => /^\s*(\w+Error|Error|panic|Exception)\b/.test(line))?.trim() ?? lines.slice(-3).join(' ')
}
