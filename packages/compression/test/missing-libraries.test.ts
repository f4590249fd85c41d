import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)

const PROGRAM = `
import { compressionCodecFor } from './src/index.ts'
import { installedLibraries } from './src/codec-libraries.ts'
const attempts = {
  gzip: () => compressionCodecFor('gzip'),
  zstd: () => compressionCodecFor('zstd'),
  lz4: () => compressionCodecFor('lz4'),
  snappy: () => compressionCodecFor('snappy'),
  zstdLibrary: () => installedLibraries.zstd(),
}
const outcomes = Object.entries(attempts).map(([name, attempt]) => {
  try {
    attempt()
    return [name, 'works']
  } catch ({ code, message, cause }) {
    return [name, { code, message, cause: cause.code }]
  }
})
console.log(JSON.stringify(Object.fromEntries(outcomes)))
`

/** The sources where no package is beside them or above. */
let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'linger-codecs-'))
  await cp(join(import.meta.dirname, '../src'), join(directory, 'src'), { recursive: true })
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' }))
  await writeFile(join(directory, 'program.ts'), PROGRAM)
})

afterAll(() => rm(directory, { recursive: true, force: true }))

test('without its package a codec is one error that says what to install', async () => {
  const { NODE_PATH: _path, ...env } = process.env
  const { stdout } = await run(process.execPath, ['program.ts'], { cwd: directory, env })
  const missing = (advice: string): unknown => ({
    code: 'MISSING_LIBRARY',
    message: `${advice} (not installed, or not for this platform)`,
    cause: 'MODULE_NOT_FOUND',
  })
  expect(JSON.parse(stdout)).toEqual({
    gzip: 'works',
    zstd: 'works',
    lz4: missing('lz4 needs the package lz4-napi: npm install lz4-napi@2'),
    snappy: missing('snappy needs the package snappy: npm install snappy@7'),
    zstdLibrary: missing(
      'zstd needs Node.js 22.15 or newer, or the package @mongodb-js/zstd: npm install @mongodb-js/zstd@1.2.2',
    ),
  })
})
