import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

test('every example is run by a test', () => {
  const sources = ['test/examples', 'test/kafkajs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  )
  // By its path, or by its name alone where a table has several.
  const isRun = (name: string): boolean =>
    sources.some(
      (source) => source.includes(`examples/${name}.ts`) || new RegExp(`['"\\s[]${name}['":,]`, 'u').test(source),
    )
  const names = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.ts'))
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter((name) => !isRun(name.slice(0, -'.ts'.length)))).toEqual([])
})
