import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'

const REPOSITORY = join(import.meta.dirname, '../..')

/** Where the figures were taken: without it they mean nothing. */
export interface Machine {
  readonly commit: string
  readonly date: string
  readonly processor: string
  readonly memory: string
  readonly system: string
  readonly node: string
  readonly cluster: string
}

export function describeMachine(cluster: string): Machine {
  const processors = cpus()
  return {
    commit: commit(),
    date: new Date().toISOString(),
    processor: `${processors.length} x ${processors[0]?.model ?? 'unknown'}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
    cluster,
  }
}

function commit(): string {
  const changed = git('status', '--porcelain', '--', 'packages', 'bench') !== ''
  return git('rev-parse', '--short', 'HEAD') + (changed ? '-changed' : '')
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { encoding: 'utf8', cwd: REPOSITORY }).trim()
}
