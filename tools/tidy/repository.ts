import { parseSync, Visitor, type ParseResult, type VisitorObject } from 'oxc-parser'
import type { Finding } from './finding.ts'

/** Folders whose TypeScript is held to the rules. */
const HOUSE_FOLDERS = ['packages/', 'bench/', 'demo/', 'test/', 'tools/', 'examples/']

/** A file of the repository, parsed when a check first asks for it. */
export class SourceFile {
  /** From the root, with slashes. */
  readonly path: string
  readonly text: string
  #syntax: ParseResult | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }

  get syntax(): ParseResult {
    this.#syntax ??= parseSync(this.path, this.text)
    return this.#syntax
  }

  get isTest(): boolean {
    return this.path.endsWith('.test.ts') || /(^|\/)test\//.test(this.path)
  }

  visit(visitor: VisitorObject): void {
    new Visitor(visitor).visit(this.syntax.program)
  }

  /** From 1. */
  lineAt(offset: number): number {
    let line = 1
    for (let at = this.text.indexOf('\n'); at >= 0 && at < offset; at = this.text.indexOf('\n', at + 1)) line++
    return line
  }

  finding(offset: number, what: string): Finding {
    return { file: this.path, line: this.lineAt(offset), what }
  }
}

/** The files that git knows or would take, as far as they are text. */
export class Repository {
  readonly files: readonly SourceFile[]
  readonly #byPath: ReadonlyMap<string, SourceFile>

  constructor(files: readonly SourceFile[]) {
    this.files = files
    this.#byPath = new Map(files.map((file) => [file.path, file]))
  }

  file(path: string): SourceFile | undefined {
    return this.#byPath.get(path)
  }

  /** All TypeScript that is ours to keep tidy. */
  get typescript(): readonly SourceFile[] {
    return this.files.filter(
      ({ path }) => path.endsWith('.ts') && HOUSE_FOLDERS.some((folder) => path.startsWith(folder)),
    )
  }

  /** What is published. */
  get packageSources(): readonly SourceFile[] {
    return this.typescript.filter(({ path }) => /^packages\/[^/]+\/src\//.test(path))
  }
}
