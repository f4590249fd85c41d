import type { SourceFile } from './repository.ts'

const REASON = /^\s*tidy: \S/

/** True when a `// tidy: <reason>` stands before the first statement of the file. */
export function fileHasReason(file: SourceFile): boolean {
  const bodyStart = file.syntax.program.body[0]?.start ?? 0
  return file.syntax.comments.some(({ value, end }) => REASON.test(value) && end <= bodyStart)
}

/** True when a `// tidy: <reason>` stands on one of the lines `from` to `to`. */
export function linesHaveReason(file: SourceFile, from: number, to: number): boolean {
  return file.syntax.comments.some(({ value, start }) => {
    const line = file.lineAt(start)
    return REASON.test(value) && from <= line && line <= to
  })
}
