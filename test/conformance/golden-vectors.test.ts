import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GOLDEN_FOLDER, writeJavaGolden } from './java-golden.ts'
import { hasJava } from './java-presence.ts'

/** A JDK brings its own zlib, and that decides these bytes: what the batches say must still be the same. */
const DECIDED_BY_THE_JDK = /"(bytes|crc|sizeBytes)":("[^"]*"|\d+)/g

describe.skipIf(!hasJava)('the golden vectors of packages/protocol', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'linger-golden-'))
    await writeJavaGolden(folder)
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  test('are the files that Java writes, no more and no fewer', async () => {
    const written = await readdir(folder)
    expect(written.toSorted()).toEqual((await readdir(GOLDEN_FOLDER)).toSorted())
  })

  test('are, line by line, what Java writes', async () => {
    for (const file of await readdir(GOLDEN_FOLDER)) {
      const kept = await comparableLines(join(GOLDEN_FOLDER, file))
      const written = await comparableLines(join(folder, file))
      expect(written.length, file).toBe(kept.length)
      for (const [index, line] of kept.entries()) expect(written[index], `${file}:${index + 1}`).toBe(line)
    }
  })
})

async function comparableLines(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8')
  return text
    .split('\n')
    .map((line) => (line.includes('"compression":"gzip"') ? line.replaceAll(DECIDED_BY_THE_JDK, '') : line))
}
