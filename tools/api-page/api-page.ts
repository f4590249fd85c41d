import { fileURLToPath } from 'node:url'
import { Application, OptionDefaults } from 'typedoc'

/**
 * Writes what the docstrings of all packages say, as HTML.
 *
 * TypeDoc asks the compiler of TypeScript 6, which stands beside it in this folder's package.json: TypeScript 7 has no such
 * API. So types are checked by the one, and described by the other.
 *
 * @returns how many warnings there were: links that lead nowhere, types that are named and not exported. They were printed
 */
export async function writeApiPage(folder: string): Promise<number> {
  const app = await Application.bootstrap({
    name: 'Linger',
    entryPointStrategy: 'packages',
    entryPoints: [path('../../packages/*')],
    packageOptions: {
      entryPoints: ['src/index.ts'],
      tsconfig: path('sources.tsconfig.json'),
      blockTags: [...OptionDefaults.blockTags, '@source'],
      excludeInternal: true,
      excludePrivate: true,
      skipErrorChecking: true,
      disableSources: true,
    },
    readme: 'none',
    highlightLanguages: [...OptionDefaults.highlightLanguages, 'diff'],
    logLevel: 'Warn',
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('the packages could not be read: see above')
  app.validate(project)
  await app.generateDocs(project, folder)
  return app.logger.warningCount + app.logger.errorCount
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
