import { glob, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Joins the modules that tsc wrote into `dist` of the package in the current folder: of the JavaScript only `index.js`
 * is left. Node spends half a millisecond on each module it loads, which is most of the time of an import. Comments are a
 * quarter of the sources, and stay there and in the declarations.
 */
const DIST = join(process.cwd(), 'dist')
const INDEX = join(DIST, 'index.js')

const bundle = await rolldown({
  input: INDEX,
  platform: 'node',
  external: /^[^./]/, // what does not begin like a path is a package, or a module of Node
})
const { output } = await bundle.generate({ format: 'esm', comments: { legal: true, annotation: true, jsdoc: false } })
await bundle.close()
const [{ code }, ...more] = output
if (more.length > 0)
  throw new Error(`dist/index.js became ${output.length} files: import() makes them, and nothing here may`)

for await (const file of glob('**/*.js', { cwd: DIST })) await rm(join(DIST, file))
await writeFile(INDEX, code)
