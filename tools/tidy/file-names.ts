import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

const GRAB_BAG = /^(?:utils?|helpers?|common|types?|base|misc|shared|manager)$/
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.config)?\.ts$/

/** A name says what is inside. Grab-bags do not, and grow. */
export function checkFileNames(repository: Repository): Finding[] {
  return repository.typescript.flatMap((file) => {
    const segments = file.path.split('/')
    const name = segments.at(-1) ?? ''
    const grabBag = segments.map((segment) => segment.replace(/\..*$/, '')).find((segment) => GRAB_BAG.test(segment))
    if (grabBag !== undefined) {
      return [file.finding(0, `'${grabBag}' can hold anything: name the file after the one thing in it`)]
    }
    if (!KEBAB_CASE.test(name)) return [file.finding(0, `'${name}': file names are kebab-case`)]
    if (/^packages\/[^/]+\/src\/.+\/index\.ts$/.test(file.path)) {
      return [file.finding(0, 'an index.ts inside a package hides where things are: import the file itself')]
    }
    return []
  })
}
