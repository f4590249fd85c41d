import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasJava } from '../conformance/java-presence.ts'
import { JAVA_BATCHES_FILE, writeJavaBatches } from './java-batches.ts'

test.skipIf(!hasJava)('the golden batches of packages/broker are what Java writes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'linger-batches-'))
  try {
    const file = join(folder, 'batches.txt')
    await writeJavaBatches(file)
    expect(await readFile(file, 'utf8')).toBe(await readFile(JAVA_BATCHES_FILE, 'utf8'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
