import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface NodeRuntime {
  readonly path: string
  readonly version: string
}

/** The Node of this run, and the machine's own where that is another one; the packages promise 20.19 or newer. */
export function nodeRuntimes(): NodeRuntime[] {
  const ours = { path: process.execPath, version: process.version }
  const machines = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((directory) => !directory.includes('node_modules'))
    .map((directory) => join(directory, 'node'))
    .find((path) => existsSync(path))
  if (machines === undefined) return [ours]
  const version = execFileSync(machines, ['--version'], { encoding: 'utf8' }).trim()
  return version === ours.version || !isSupported(version) ? [ours] : [ours, { path: machines, version }]
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
}
