import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rolldown, type RolldownPluginOption } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'

/**
 * Joins what tsc wrote into `dist` of the package in the current folder: only `index.js` and `index.d.ts` are left. Node
 * spends half a millisecond on each module it loads, which is most of the time of an import, and a disk a block of 4 KiB on
 * each declaration file. Comments are a quarter of the sources: they stay there and in the declarations.
 */
const DIST = join(process.cwd(), 'dist')

const program = await joined('index.js')
const declarations = await joined('index.d.ts', dts({ dtsInput: true, tsconfig: false }))

// With all that tsc remembers of it: what it builds next is whole again.
await rm(DIST, { recursive: true })
await mkdir(DIST)
await writeFile(join(DIST, 'index.js'), program)
await writeFile(join(DIST, 'index.d.ts'), declarations)

/** One file that holds `entry` and all that it imports of this package. */
async function joined(entry: string, plugins: RolldownPluginOption = []): Promise<string> {
  const bundle = await rolldown({
    input: join(DIST, entry),
    platform: 'node',
    external: /^[^./]/, // what does not begin like a path is a package, or a module of Node
    plugins,
  })
  const { output } = await bundle.generate({
    format: 'esm',
    comments: { legal: true, annotation: true, jsdoc: entry.endsWith('.d.ts') },
  })
  await bundle.close()
  const [{ code }, ...more] = output
  if (more.length > 0)
    throw new Error(`dist/${entry} became ${output.length} files: import() makes them, and nothing here may`)
  return code
}
