import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached } from '../real-kafka/cache-directory.ts'

export interface NodeRuntime {
  readonly path: string
  readonly version: string
}

/** What the packages promise to run on. */
const MAJORS = [20, 22, 24, 26] as const

const run = promisify(execFile)

/**
 * Each Node that the packages promise to run on: the one of this run, and the others from npm. One that cannot be had is
 * left out with a word, or is a failure where CI is set.
 */
export async function nodeRuntimes(): Promise<NodeRuntime[]> {
  const runtimes = await Promise.all(MAJORS.map((major) => nodeRuntime(major)))
  return runtimes.flatMap((runtime) => runtime ?? [])
}

async function nodeRuntime(major: number): Promise<NodeRuntime | undefined> {
  if (process.version.startsWith(`v${major}.`)) return { path: process.execPath, version: process.version }
  try {
    const folder = await cached(`node-${major}-${process.platform}-${process.arch}`, (target) => install(major, target))
    const path = join(folder, 'node_modules/node/bin/node')
    const { stdout } = await run(path, ['--version'])
    return { path, version: stdout.trim() }
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    console.warn(`Node ${major} is left out: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    return undefined
  }
}

/** The package `node` is the program itself, for the machine that installs it. */
async function install(major: number, folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
  await run('npm', ['install', `node@${major}`, '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder })
}
