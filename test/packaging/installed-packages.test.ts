import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installPackages, requiredNames, runProgram, sizeBytesOf, type Program } from './installed-packages.ts'
import { nodeRuntimes, type NodeRuntime } from './node-runtimes.ts'

/** What the producer and all it needs may take on a disk. */
const SIZE_BYTES_MAX = 1024 * 1024

const RUNTIMES = await nodeRuntimes()

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

  // Node takes half a millisecond for each module: a hundred of them would be most of the time of an import.
  test.each(['producer', 'protocol', 'compression', 'broker', 'kafkajs'])('%s is one module', async (name) => {
    const files = await readdir(join(directory, 'node_modules/@linger', name, 'dist'), { recursive: true })
    expect(files.filter((file) => file.endsWith('.js'))).toEqual(['index.js'])
  })

  test('are all that a producer brings, and less than a megabyte', async () => {
    const sizes = await Promise.all(PRODUCER_PARTS.map((name) => sizeBytesOf(join(directory, 'node_modules', name))))
    const beside = await Promise.all(BESIDE_PRODUCER.map((name) => sizeBytesOf(join(directory, 'node_modules', name))))
    const everything = await sizeBytesOf(join(directory, 'node_modules'))
    const producer = sumOf(sizes)

    expect(everything - producer - sumOf(beside)).toBeLessThan(8 * 1024) // npm's own notes
    expect(producer).toBeLessThan(SIZE_BYTES_MAX)
    console.log(`the producer and all it needs: ${Math.round(producer / 1024)} KB`)
  })
})

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0)
}
