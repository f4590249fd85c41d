import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A change to a source file of the engine, made while it is loaded and nowhere else. */
export interface SourcePatch {
  /** From the root of the repository. */
  readonly file: string
  /** Stands there exactly once. In a file that was patched before, with that. */
  readonly code: string
  readonly instead: string
}

const ROOT = new URL('../../../', import.meta.url)

/**
 * Loads the engine with these changes. Call it before the engine is imported.
 *
 * @throws when the code of a patch is not there, or not only once
 */
export function patchSources(patches: readonly SourcePatch[]): void {
  const sources = patchedSources(patches)
  registerHooks({
    load: (url, context, nextLoad) => {
      const source = sources.get(url)
      return source === undefined ? nextLoad(url, context) : { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}

/**
 * The changed files, by URL.
 *
 * @throws when the code of a patch is not there, or not only once
 */
export function patchedSources(patches: readonly SourcePatch[]): ReadonlyMap<string, string> {
  const sources = new Map<string, string>()
  for (const { file, code, instead } of patches) {
    const { href } = new URL(file, ROOT)
    const parts = (sources.get(href) ?? readFileSync(fileURLToPath(href), 'utf8')).split(code)
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${code}`)
    sources.set(href, parts.join(instead))
  }
  return sources
}
