import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface EndedProgram {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningProgram {
  readonly child: ChildProcess
  /** What it has written to stdout so far. */
  readonly stdout: () => string
  readonly ended: Promise<EndedProgram>
}

/**
 * Starts a program of the repository, on this Node.
 *
 * @param path from the repository's root
 * @param stdin 'pipe' to write to it
 */
export function startProgram(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  stdin: 'ignore' | 'pipe' = 'ignore',
): RunningProgram {
  const program = fileURLToPath(new URL(`../${path}`, import.meta.url))
  const child = spawn(process.execPath, [program, ...args], {
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode, stdout, stderr }))
  return { child, stdout: () => stdout, ended }
}

/** Runs it to its end. */
export async function runProgram(path: string, ...args: readonly string[]): Promise<EndedProgram> {
  return startProgram(path, args).ended
}
