import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  installPackages,
  loadedModules,
  requiredNames,
  runJest,
  runProgram,
  sizeBytesOf,
  typeErrorsIn,
  type Program,
} from './installed-packages.ts'
import { nodeRuntimes, type NodeRuntime } from './node-runtimes.ts'

/** What the producer and all it needs may take on a disk. */
const SIZE_BYTES_MAX = 1_000_000

const RUNTIMES = await nodeRuntimes()

/** Traces need the one, and what is loaded by name the other. */
const NEEDED_AT_ONCE = new Set(['diagnostics_channel', 'module'])

/** Installed for these tests as well, and not needed by the producer. */
const BESIDE_PRODUCER = [
  '@linger/broker',
  '@linger/kafkajs',
  '@linger/opentelemetry',
  '@linger/prometheus',
  '@linger/schemas',
  '@standard-schema/spec',
] as const
/** Everything that `npm install @linger/producer` brings, without the optional parts. */
const PRODUCER_PARTS = ['@linger/producer', '@linger/protocol', '@linger/compression', 'crc-32']

describe('the packages, packed and installed without optional dependencies', () => {
  let directory = ''

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'linger-packages-'))
    await installPackages(directory)
  })

  afterAll(() => rm(directory, { recursive: true, force: true }))

  test.each(RUNTIMES)('send a record on Node $version', async ({ path, version }) => {
    expect(await runProgram('producer', path, directory)).toMatchObject({
      nodeVersion: version,
      metadata: { topic: 'orders', partition: 0, offset: 0 },
      crc32cImplementation: 'crc-32',
    })
  })

  test.each(RUNTIMES)('can be required on Node $version', async ({ path }) => {
    expect(await requiredNames(path, directory)).toContain('Producer')
  })

  test.each(
    RUNTIMES.flatMap((runtime) =>
      (['drop-in', 'drop-in, required'] as const).map((program): NodeRuntime & { program: Program } => ({
        ...runtime,
        program,
      })),
    ),
  )('send what a program for KafkaJS sends on Node $version: $program', async ({ path, version, program }) => {
    expect(await runProgram(program, path, directory)).toMatchObject({
      nodeVersion: version,
      isCreated: true,
      sent: { topicName: 'orders', partition: 0, errorCode: 0, baseOffset: '0' },
      committed: { baseOffset: '1' },
      offsets: { low: '0', high: '3' },
      refused: true,
    })
  })

  test.each(['imported', 'required'] as const)('are a fixture of jest, %s', async (how) => {
    const printed = await runJest(how, process.execPath, directory)
    expect(printed).toMatch(/^Tests: +1 passed, 1 total$/mu)
  })

  // Node takes half a millisecond for each module: a hundred of them would be most of the time of an import.
  test.each(['producer', 'protocol', 'compression', 'broker', 'kafkajs', 'opentelemetry', 'prometheus', 'schemas'])(
    '%s is one module and its declarations',
    async (name) => {
      const files = await readdir(join(directory, 'node_modules/@linger', name, 'dist'), { recursive: true })
      expect(files.toSorted()).toEqual(['index.d.ts', 'index.js'])
    },
  )

  // Sockets, cryptography and compression are loaded by who uses them first: they would be half of the time of an import.
  test.each(RUNTIMES)('load nothing of Node $version that is not used yet', async ({ path }) => {
    const loaded = await loadedModules(path, directory)
    expect(loaded.filter((name) => !NEEDED_AT_ONCE.has(name))).toEqual([])
  })

  test('have declarations that a program in TypeScript compiles with', async () => {
    expect(await typeErrorsIn(directory)).toBe('')
  })

  // TypeScript before 7 looks there for the types of a CommonJS program, such as most that were written for KafkaJS.
  test.each(['kafkajs', 'producer', 'protocol', 'compression'])('%s is found without its exports too', async (name) => {
    const folder = join(directory, 'node_modules/@linger', name)
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const files = { main: './dist/index.js', types: './dist/index.d.ts' }
    expect(manifest).toMatchObject(files)
    for (const file of Object.values(files)) expect((await stat(join(folder, file))).isFile(), file).toBe(true)
  })

  test('are all that a producer brings, and less than a megabyte', async () => {
    const sizes = await Promise.all(PRODUCER_PARTS.map((name) => sizeBytesOf(join(directory, 'node_modules', name))))
    const beside = await Promise.all(BESIDE_PRODUCER.map((name) => sizeBytesOf(join(directory, 'node_modules', name))))
    const everything = await sizeBytesOf(join(directory, 'node_modules'))
    const producer = sumOf(sizes)

    expect(everything - producer - sumOf(beside)).toBeLessThan(40_000) // folders, and npm's own notes
    expect(producer).toBeLessThan(SIZE_BYTES_MAX)
    console.log(`the producer and all it needs: ${Math.round(producer / 1024)} KB`)
  })
})

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0)
}
