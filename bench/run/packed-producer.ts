import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from './installed-clients.ts'

const BENCH = join(import.meta.dirname, '..')
const REPOSITORY = join(BENCH, '..')
const PACKED = ['protocol', 'compression', 'producer'] as const
/** The client program and what it imports. */
const CLIENT_SOURCES = [
  'workload.ts',
  'clients/driver.ts',
  'clients/latencies.ts',
  'clients/paced.ts',
  'clients/values.ts',
  'clients/linger/linger-driver.ts',
  'clients/linger/main.ts',
] as const

/** Installs the producer into `folder` as a user gets it: packed by pnpm, installed by npm. */
export async function installPackedProducer(folder: string, options: { withOptional: boolean }): Promise<void> {
  for (const name of PACKED) {
    const pack = ['--filter', `@linger/${name}`, 'pack', '--pack-destination', folder]
    await run('npx', ['--yes', 'pnpm@12', ...pack], REPOSITORY)
  }
  const tarballs = (await readdir(folder)).filter((file) => file.endsWith('.tgz')).map((file) => `./${file}`)
  if (tarballs.length !== PACKED.length) throw new Error(`packed ${tarballs.join(', ')}, not ${PACKED.join(', ')}`)

  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const omitted = options.withOptional ? [] : ['--omit=optional']
  await run('npm', ['install', ...omitted, '--no-audit', '--no-fund', ...tarballs], folder)
}

/** pnpm and npm tell what went wrong on stdout, which the error of execFile leaves out. */
async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  await promisify(execFile)(program, args, { cwd }).catch((cause: Error & { stdout: string }) => {
    const found = cause.stdout.split('\n').find((line) => /error/i.test(line)) ?? cause.message
    throw new Error(`${program} ${args.join(' ')}: ${found.trim()}`, { cause })
  })
}

/**
 * The linger client in JavaScript on the packed producer: Node needs 35 MB more when it strips types, which no user of
 * the package pays.
 */
export async function packedLingerClient(folder: string): Promise<Command> {
  await installPackedProducer(folder, { withOptional: true })
  for (const source of CLIENT_SOURCES) {
    const target = join(folder, source.replace(/\.ts$/, '.js'))
    const code = stripTypeScriptTypes(await readFile(join(BENCH, source), 'utf8'))
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, code.replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"))
  }
  return [process.execPath, join(folder, 'clients/linger/main.js')]
}
