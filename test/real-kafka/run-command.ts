import { spawn } from 'node:child_process'

const SHOWN_LINES = 15

/**
 * Runs a program to its end and answers what it printed.
 *
 * @param ifMissing what to tell the reader when there is no such program on this machine
 */
export async function runCommand(command: string, args: readonly string[], ifMissing: string): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })

  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'ENOENT' ? new Error(ifMissing, { cause }) : cause)
    })
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${command} ended with ${signal ?? code}:\n${lastLines(output)}`))
    })
  })
}

/** The end of a log, which is where the reason stands. */
export function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')
}
