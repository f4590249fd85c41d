import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A change to a source file of the engine, made while it is loaded and nowhere else. */
export interface SourcePatch {
  /** From the root of the repository. */
  readonly file: string
  /** Stands there exactly once. */
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
  const patched = new Map(patches.map((patch) => [new URL(patch.file, ROOT).href, patchedSource(patch)]))
  registerHooks({
    load: (url, context, nextLoad) => {
      const source = patched.get(url)
      return source === undefined ? nextLoad(url, context) : { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}

function patchedSource({ file, code, instead }: SourcePatch): string {
  const source = readFileSync(fileURLToPath(new URL(file, ROOT)), 'utf8')
  const parts = source.split(code)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${code}`)
  return parts.join(instead)
}
