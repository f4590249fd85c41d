import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Measurement, parseMeasurement, type Workload } from '../workload.ts'
import type { Command } from './installed-clients.ts'

/** Beyond its own durations: starting a JVM, draining a buffer, a slow topic. */
const GRACE_MS = 180_000

/** Runs a client program to its end and reads the one JSON line it prints. */
export async function runClient(command: Command, workload: Workload): Promise<Measurement> {
  const { line, errors } = await runProgram(command, workload)
  const measurement = parseMeasurement(line)
  if (measurement.failed > 0) throw new Error(`${measurement.failed} records failed: ${reason(errors)}`)
  return measurement
}

/**
 * Runs a program that is given its work as JSON, and prints a line of JSON at its end. It is killed when it takes much
 * longer than its work.
 */
export async function runProgram(
  [program, ...args]: Command,
  work: Pick<Workload, 'warmupMs' | 'durationMs'>,
): Promise<{ readonly line: string; readonly errors: string }> {
  const child = spawn(program, [...args, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const timeoutMs = Math.min(work.warmupMs + work.durationMs + GRACE_MS, 2 ** 31 - 1)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  try {
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    const line = output.trim().split('\n').at(-1) ?? ''
    if (child.exitCode !== 0 || !line.startsWith('{')) {
      throw new Error(
        `${basename(args.at(-1) ?? program)} ended with ${child.signalCode ?? child.exitCode}: ${reason(errors || output)}`,
      )
    }
    return { line, errors }
  } finally {
    clearTimeout(timer)
  }
}

/** What went wrong, on one line: the first line that names an error, else the last lines. */
function reason(output: string): string {
  const lines = output.trim().split('\n')
  return lines.find((line) => /^\s*(\w+Error|Error|panic|Exception)\b/.test(line))?.trim() ?? lines.slice(-3).join(' ')
}
