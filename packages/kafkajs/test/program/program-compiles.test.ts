import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** What tsc says of the program, with the options that users of KafkaJS have. */
async function compiled(source: string): Promise<string> {
  const directory = await mkdtemp(join(here, '.program-'))
  try {
    await writeFile(join(directory, 'program.ts'), source)
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions', '--types', 'node']
    const modules = ['--module', 'nodenext', '--target', 'es2023', '--ignoreConfig']
    const program = join(directory, 'program.ts')
    const tsc = join(root, 'node_modules/.bin/tsc')
    await promisify(execFile)(tsc, [...options, ...modules, program], { cwd: root })
    return ''
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
  } finally {
    await rm(directory, { recursive: true })
  }
}

test('a program for KafkaJS compiles when only its import is changed', async () => {
  const program = await readFile(join(here, 'kafkajs-program.ts'), 'utf8')
  const ours = program.replace("from 'kafkajs'", "from '../../../src/index.ts'")
  expect(ours).not.toBe(program)
  expect(await compiled(ours)).toBe('')
  expect(await compiled(`${ours}\nconst wrong: number = new OrderEvents()\n`), 'errors are found').toContain('TS2322')
})
