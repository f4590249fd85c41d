import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram } from '../run-program.ts'

const page = async (): Promise<string> => readFile(new URL('../../docs/testing.md', import.meta.url), 'utf8')

// Vitest runs its own with these tests, and jest's is run with the packages as users have them: test/packaging.
test.each(['vitest-fixture.test.ts', 'node-fixture.ts', 'jest-fixture.test.js'])(
  'docs/testing.md has %s as it is run',
  async (name) => {
    const fixture = await readFile(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
    expect(await page()).toContain(`\`\`\`${extname(name).slice(1)}\n${fixture}\`\`\``)
  },
)

test('the fixture for node:test starts a broker and stops it', async () => {
  const { exitCode, stdout } = await runProgram('test/docs/fixtures/node-fixture.ts')
  expect(exitCode, stdout).toBe(0)
  expect(stdout).toMatch(/pass 1\b/u)
})
