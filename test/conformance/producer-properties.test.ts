import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseProperties } from '../../packages/producer/src/properties/parse-properties.ts'
import { kafkaLibs } from '../real-kafka/index.ts'
import { javaClasses, runJava } from '../real-kafka/java.ts'
import { hasJava } from './java-presence.ts'

const KEPT = join(import.meta.dirname, '../../packages/producer/test/properties/golden/java-4.3.1.txt')

/** What separates, escapes, continues and comments, and what does none of it. */
const PIECES = [
  '=',
  ':',
  ' ',
  '\t',
  '\f',
  '\\',
  '\n',
  '\r\n',
  '\r',
  '#',
  '!',
  'a',
  'linger.ms',
  'é',
  '\\n',
  '\\t',
  '\\u00e9',
]

describe.skipIf(!hasJava)('beside Java', () => {
  test('the list of producer properties is that of Kafka 4.3.1', async () => {
    expect(await java()).toBe(await readFile(KEPT, 'utf8'))
  })

  test('the content of a .properties file is read as Java reads it', async () => {
    const contents = fc.sample(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join('')),
      { numRuns: 500, seed: 7 },
    )
    // Half an escape is an error in both, which would end Java's program.
    const readable = contents.filter((content) => !/\\u(?!00e9)/u.test(content))
    const folder = await mkdtemp(join(tmpdir(), 'linger-properties-'))
    const files = readable.map((_, index) => join(folder, `${index}.properties`))
    await Promise.all(files.map(async (file, index) => writeFile(file, readable[index] ?? '')))
    const lines = (await java(...files)).trimEnd().split('\n')
    await rm(folder, { recursive: true })
    expect(lines).toHaveLength(readable.length)
    for (const [index, content] of readable.entries()) {
      const read = parseProperties(content, (message) => new Error(message))
      expect(Object.fromEntries(read), JSON.stringify(content)).toEqual(JSON.parse(lines[index] ?? ''))
    }
  })
})

async function java(...files: readonly string[]): Promise<string> {
  const libs = await kafkaLibs()
  const classes = await javaClasses('ProducerProperties', libs)
  return runJava(['-cp', [classes, join(libs, '*')].join(delimiter), 'ProducerProperties', ...files])
}
