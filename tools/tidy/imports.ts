import type { SourceFile } from './repository.ts'

export interface Import {
  readonly specifier: string
  /** Named imports under the names they were exported with. */
  readonly names: readonly string[]
  readonly start: number
}

/** Everything a file imports: by `import`, `export ... from`, `import()` and `require()` of a literal. */
export function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = []
  const add = (specifier: unknown, start: number, names: readonly string[] = []): void => {
    if (typeof specifier === 'string') imports.push({ specifier, names, start })
  }
  for (const { moduleRequest, entries, start } of file.syntax.module.staticImports) {
    add(
      moduleRequest.value,
      start,
      entries.flatMap(({ importName }) => importName.name ?? []),
    )
  }
  for (const { entries } of file.syntax.module.staticExports) {
    for (const { moduleRequest, importName, start } of entries) {
      if (moduleRequest !== null) add(moduleRequest.value, start, importName.name === null ? [] : [importName.name])
    }
  }
  file.visit({
    ImportExpression: ({ source, start }) => {
      if (source.type === 'Literal') add(source.value, start)
    },
    CallExpression: ({ callee, arguments: [specifier], start }) => {
      if (callee.type === 'Identifier' && callee.name === 'require' && specifier?.type === 'Literal') {
        add(specifier.value, start)
      }
    },
  })
  return imports
}
