import type { Finding } from './finding.ts'
import type { Repository, SourceFile } from './repository.ts'

const DOCUMENT = 'ARCHITECTURE.md'
const MAP_HEADING = '## File map'

/** Folders whose files are all alike, so that one sentence tells of all. */
const FOLDERS_AS_ONE: readonly string[] = ['packages/protocol/src/apis/']

interface MapEntry {
  readonly path: string
  readonly sentence: string
  readonly start: number
}

/**
 * ARCHITECTURE.md tells the truth: each file and function it names is there, and its map names each source file.
 *
 * A `### folder` under the map's heading says where the paths of the lines below it begin.
 */
export function checkFileMap(repository: Repository): Finding[] {
  const document = repository.file(DOCUMENT)
  if (document === undefined) return [{ file: DOCUMENT, line: 1, what: 'is missing: it tells where everything is' }]
  const mapStart = document.text.indexOf(MAP_HEADING)
  if (mapStart < 0) return [document.finding(0, `no '${MAP_HEADING}': name every source file there`)]
  const entries = mapEntries(document, mapStart)
  return [
    ...wrongEntries(repository, document, entries),
    ...unnamedSources(repository, entries),
    ...wrongReferences(repository, document, mapStart),
  ]
}

function mapEntries(document: SourceFile, mapStart: number): MapEntry[] {
  const entries: MapEntry[] = []
  let folder = ''
  for (const { 0: line, index } of document.text.slice(mapStart).matchAll(/^.*$/gm)) {
    folder = /^### (\S+)$/.exec(line)?.[1] ?? folder
    const [, path, sentence] = /^\s*- `([^`]+)`(.*)$/.exec(line) ?? []
    if (path === undefined) continue
    entries.push({
      path: `${folder}/${path}`,
      sentence: (sentence ?? '').replace(/^[\s:-]+/, ''),
      start: mapStart + index,
    })
  }
  return entries
}

function wrongEntries(repository: Repository, document: SourceFile, entries: readonly MapEntry[]): Finding[] {
  const seen = new Set<string>()
  return entries.flatMap(({ path, sentence, start }) => {
    const isTwice = seen.has(path)
    seen.add(path)
    if (isTwice) return [document.finding(start, `${path} is named twice: keep one line`)]
    if (sentence === '') return [document.finding(start, `${path}: say in a few words what it is for`)]
    if (path.endsWith('/')) {
      return FOLDERS_AS_ONE.includes(path) ? [] : [document.finding(start, `${path}: name its files, each on a line`)]
    }
    return repository.file(path) === undefined
      ? [document.finding(start, `${path} does not exist: take the line out, or correct it`)]
      : []
  })
}

function unnamedSources(repository: Repository, entries: readonly MapEntry[]): Finding[] {
  const named = new Set(entries.map(({ path }) => path))
  return repository.packageSources
    .filter(({ path }) => !named.has(path))
    .filter(({ path }) => !FOLDERS_AS_ONE.some((folder) => named.has(folder) && path.startsWith(folder)))
    .map((file) => file.finding(0, `not in the file map of ${DOCUMENT}: add a line that says what it is for`))
}

/** `file.ts` and `file.ts -> function` in the text before the map. */
function wrongReferences(repository: Repository, document: SourceFile, mapStart: number): Finding[] {
  const references = document.text.slice(0, mapStart).matchAll(/`([\w./-]+\.ts)(?: -> ([\w#]+)[^`]*)?`/g)
  return [...references].flatMap(({ 1: path = '', 2: name, index }) => {
    const files = repository.typescript.filter((file) => file.path === path || file.path.endsWith(`/${path}`))
    if (files.length === 0) return [document.finding(index, `${path} does not exist: correct it`)]
    if (name === undefined || files.some(({ text }) => new RegExp(`(?<![\\w#])${name}\\b`).test(text))) return []
    return [document.finding(index, `there is no ${name} in ${path}: correct it`)]
  })
}
