import { execFile } from 'node:child_process'
import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { builtinModules, createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
/** Programs of users. The second is there twice: it imports the drop-in for KafkaJS, or requires it. */
const PROGRAMS = { producer: 'consumer.mjs', 'drop-in': 'drop-in.mjs', 'drop-in, required': 'drop-in.cjs' } as const

export type Program = keyof typeof PROGRAMS

/** The unit of `blocks`, whatever the disk's own are. */
const BLOCK_BYTES = 512

/** The test of docs/testing.md, as its user has it: a module, or not. */
const JEST_TESTS = { imported: 'order.test.js', required: 'order.test.cjs' } as const

export type JestTest = keyof typeof JEST_TESTS

const run = promisify(execFile)

/** Programs that pnpm starts get a NODE_PATH that leads to everything in this checkout; a user's has none. */
const { NODE_PATH: _path, NODE_OPTIONS: _options, ...USERS_ENVIRONMENT } = process.env

/**
 * Packs the packages as `publish` would, and installs them with npm in `directory`, as a user does who wants
 * nothing optional.
 */
export async function installPackages(directory: string): Promise<void> {
  const pack = ['--yes', 'pnpm@12', '--filter', './packages/*', 'pack', '--pack-destination', directory]
  await run('npx', pack, { cwd: ROOT })
  const tarballs = (await readdir(directory)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`)
  await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const install = ['install', '--omit=optional', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs]
  await run('npm', install, { cwd: directory, env: USERS_ENVIRONMENT })
  await copyFile(join(import.meta.dirname, 'consumer.ts'), join(directory, PROGRAMS.producer))
  const dropIn = join(import.meta.dirname, 'drop-in-consumer.ts')
  await copyFile(dropIn, join(directory, PROGRAMS['drop-in']))
  await writeFile(join(directory, PROGRAMS['drop-in, required']), requiring(await readFile(dropIn, 'utf8')))
  const jestTest = join(import.meta.dirname, '../docs/fixtures/jest-fixture.test.js')
  await copyFile(jestTest, join(directory, JEST_TESTS.imported))
  await writeFile(join(directory, JEST_TESTS.required), requiring(await readFile(jestTest, 'utf8')))
}

/** The same program as CommonJS. */
function requiring(program: string): string {
  return program.replaceAll(/^import (\{[^}]+\}) from ('[^']+')$/gm, 'const $1 = require($2)')
}

/** Runs a program against what is installed, and answers what it printed. */
export async function runProgram(program: Program, node: string, directory: string): Promise<unknown> {
  const { stdout } = await run(node, [PROGRAMS[program]], { cwd: directory, env: USERS_ENVIRONMENT })
  return JSON.parse(stdout)
}

/**
 * Runs jest in the user's project, without a configuration of its own.
 *
 * @returns what jest printed
 * @throws Error that has the same when a test failed
 */
export async function runJest(test: JestTest, node: string, directory: string): Promise<string> {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
  const env = { ...USERS_ENVIRONMENT, NODE_OPTIONS: '--experimental-vm-modules' }
  const { stderr } = await run(node, [jest, '--runTestsByPath', JEST_TESTS[test]], { cwd: directory, env })
  return stderr
}

/** What `require('@linger/producer')` gives a program that is no module. */
export async function requiredNames(node: string, directory: string): Promise<string[]> {
  const { stdout } = await run(node, ['--print', "Object.keys(require('@linger/producer')).join()"], {
    cwd: directory,
    env: USERS_ENVIRONMENT,
  })
  return stdout.trim().split(',')
}

/** Which of Node's public modules an import of the producer loads, beside those that every program has. */
export async function loadedModules(node: string, directory: string): Promise<string[]> {
  const program = `const before = new Set(process.moduleLoadList)
    await import('@linger/producer')
    console.log(process.moduleLoadList.filter((name) => !before.has(name)).join())`
  await writeFile(join(directory, 'loaded.mjs'), program)
  const { stdout } = await run(node, ['loaded.mjs'], { cwd: directory, env: USERS_ENVIRONMENT })
  return builtinModules.filter((name) => stdout.split(',').includes(`NativeModule ${name}`))
}

/** What TypeScript has to say of a user's program, and of the declarations that it imports. */
export async function typeErrorsIn(directory: string): Promise<string> {
  await copyFile(join(import.meta.dirname, 'typed-consumer.ts'), join(directory, 'typed-consumer.mts'))
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node']
  const typeRoots = ['--typeRoots', join(ROOT, 'node_modules/@types')]
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  return new Promise((resolve) => {
    execFile(tsc, [...options, ...typeRoots, 'typed-consumer.mts'], { cwd: directory }, (_failed, stdout) =>
      resolve(stdout),
    )
  })
}

/** What all files and folders below `directory` take on a disk, in whole blocks, as `du` counts. */
export async function sizeBytesOf(directory: string): Promise<number> {
  const entries = ['.', ...(await readdir(directory, { recursive: true }))]
  const sizes = entries.map(async (entry) => (await stat(join(directory, entry))).blocks * BLOCK_BYTES)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
