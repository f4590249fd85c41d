import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { judge, megabytes, milliseconds } from '../report/acceptance.ts'
import { median } from '../report/statistics.ts'
import { installPackedProducer } from '../run/packed-producer.ts'
import type { Suite } from './suite.ts'

const NAME = 'footprint'
const IMPORTS = 21
const IMPORT_PROGRAM = `const startMs = performance.now()
await import('@linger/producer')
process.stdout.write(String(performance.now() - startMs))
`

const run = promisify(execFile)

/** What a user gets: the packed tarballs installed by npm, their size on disk and the time to import them. */
export const footprint: Suite = {
  name: NAME,
  about: 'import time and size on disk of the packed producer',
  async run({ quick, progress }) {
    const folder = await mkdtemp(join(tmpdir(), 'linger-footprint-'))
    try {
      progress(`${NAME}: packing`)
      await installPackedProducer(folder, { withOptional: false })
      await writeFile(join(folder, 'import.js'), IMPORT_PROGRAM)
      const { bytes, packages } = await installedBytes(folder)
      progress(`${NAME}: importing`)
      const importsMs: number[] = []
      for (let round = 0; round < (quick ? 5 : IMPORTS); round++) importsMs.push(await importMs(folder))
      const sorted = importsMs.toSorted((left, right) => left - right)
      return {
        suite: NAME,
        tables: [
          {
            title: 'npm install --omit=optional of the packed producer',
            header: ['package', 'bytes on disk'],
            rows: [...packages, ['all', bytes] as const].map(([name, size]) => [name, size.toLocaleString('en')]),
          },
          {
            title: `import('@linger/producer') in a fresh process, ${importsMs.length} times`,
            header: ['min ms', 'median ms', 'max ms'],
            rows: [[sorted[0], median(importsMs), sorted.at(-1)].map((ms) => (ms ?? Number.NaN).toFixed(1))],
          },
        ],
        claims: [
          judge({
            suite: NAME,
            claim: 'importing the package',
            figure: median(importsMs),
            atMost: 30,
            format: milliseconds,
          }),
          judge({
            suite: NAME,
            claim: 'npm install --omit=optional of the packed producer, on disk',
            figure: bytes,
            atMost: 1e6,
            format: megabytes,
          }),
        ],
        runs: { importsMs, bytes, packages },
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function importMs(folder: string): Promise<number> {
  const { stdout } = await run(process.execPath, ['import.js'], { cwd: folder })
  return Number(stdout)
}

type PackageSize = readonly [name: string, bytes: number]

/** As `du` counts: whole disk blocks, all files of all packages below node_modules. */
async function installedBytes(folder: string): Promise<{ bytes: number; packages: readonly PackageSize[] }> {
  const root = join(folder, 'node_modules')
  const sizes = new Map<string, number>()
  let bytes = 0
  for (const file of await readdir(root, { recursive: true })) {
    const { blocks } = await stat(join(root, file))
    const [first = '', second = ''] = file.split('/')
    const name = first.startsWith('@') ? `${first}/${second}` : first
    sizes.set(name, (sizes.get(name) ?? 0) + blocks * 512)
    bytes += blocks * 512
  }
  return { bytes, packages: [...sizes].filter(([, size]) => size > 8_192) }
}
