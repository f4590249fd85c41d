import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram } from '../run-program.ts'

test('the API page has every package, and its docstrings lead nowhere wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'linger-api-'))
  const { exitCode, stdout, stderr } = await runProgram('tools/write-api-page.ts', folder)
  const pages = await readdir(join(folder, 'modules'))
  const producer = await readFile(join(folder, 'classes/_linger_producer.Producer.html'), 'utf8')
  await rm(folder, { recursive: true })

  expect({ exitCode, printed: stdout + stderr }).toEqual({ exitCode: 0, printed: `${folder}: 0 warnings\n` })
  const packages = await readdir(new URL('../../packages/', import.meta.url))
  expect(pages.toSorted()).toEqual(packages.map((name) => `_linger_${name}.html`).toSorted())
  expect(producer).toContain('createBatch')
})
