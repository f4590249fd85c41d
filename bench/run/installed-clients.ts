import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaLibs } from '@linger/test/real-kafka'
import { peersDirectory } from './peers-directory.ts'

const run = promisify(execFile)
const CLIENTS = join(import.meta.dirname, '../clients')

export type ClientName =
  | 'linger'
  | 'limit'
  | 'raw-socket'
  | 'bare-codec'
  | 'kafkajs'
  | 'drop-in'
  | 'platformatic'
  | 'confluent'
  | 'librdkafka'
  | 'franz-go'
  | 'java'

/** How to start a client: the program and its first arguments, before the workload. */
export type Command = readonly [program: string, ...args: string[]]

export type Installed = { readonly command: Command } | { readonly missing: string }

const FINDERS: Readonly<Record<ClientName, () => Promise<Command>>> = {
  linger: async () => nodeProgram('linger/main.ts'),
  limit: async () => nodeProgram('../limit/main.ts'),
  'raw-socket': async () => nodeProgram('raw-socket/main.ts'),
  'bare-codec': async () => nodeProgram('bare-codec/main.ts'),
  kafkajs: async () => nodeProgram('kafkajs/main.ts'),
  'drop-in': async () => nodeProgram('drop-in/main.ts'),
  platformatic: async () => nodeProgram('platformatic/main.ts'),
  confluent: async () => {
    const binding = 'node_modules/@confluentinc/kafka-javascript/build/Release/confluent-kafka-javascript.node'
    if (!existsSync(join(peersDirectory(), binding))) throw new Error('not built in the peers folder, see README.md')
    return nodeProgram('confluent/main.ts')
  },
  librdkafka: async () => [
    await built('librdkafka', async (source, target) => {
      await run('cc', ['-O2', '-o', target, join(source, 'main.c'), '-lrdkafka'])
    }),
  ],
  'franz-go': async () => [
    await built('franz-go', async (source, target) => {
      await run(goProgram(), ['build', '-o', target, '.'], { cwd: source })
    }),
  ],
  java: async () => {
    const libs = join(await kafkaLibs(), '*')
    const classes = await built('java', async (source, target) => {
      await run('javac', ['-cp', libs, '-d', target, join(source, 'PerfProducer.java')])
    })
    return ['java', '-cp', `${classes}:${libs}`, 'PerfProducer']
  },
}

const found = new Map<ClientName, Promise<Installed>>()

/** Finds a client, building it the first time. A client that cannot be had is an answer, not an error. */
export async function findClient(name: ClientName): Promise<Installed> {
  const known = found.get(name)
  if (known !== undefined) return known
  const finding = FINDERS[name]().then(
    (command) => ({ command }),
    (error: unknown) => ({ missing: firstLines(error) }),
  )
  found.set(name, finding)
  return finding
}

function nodeProgram(path: string): Command {
  const program = join(CLIENTS, path)
  if (!existsSync(program)) throw new Error(`${path} does not exist`)
  return [process.execPath, program]
}

/** Compiles a client unless the cache has it from the same sources. */
async function built(name: string, build: (source: string, target: string) => Promise<void>): Promise<string> {
  const source = join(CLIENTS, name)
  const hash = createHash('sha256')
  for (const file of (await readdir(source)).toSorted()) hash.update(await readFile(join(source, file)))
  const target = join(peersDirectory(), `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(target)) return target

  await mkdir(peersDirectory(), { recursive: true })
  const building = `${target}.building`
  await rm(building, { recursive: true, force: true })
  await build(source, building)
  await rename(building, target)
  return target
}

function goProgram(): string {
  const usual = '/usr/local/go/bin/go'
  return existsSync(usual) ? usual : 'go'
}

function firstLines(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n').slice(0, 3).join(' ').slice(0, 200)
}
