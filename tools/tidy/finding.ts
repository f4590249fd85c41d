import type { Repository } from './repository.ts'

/** One place that is not tidy. */
export interface Finding {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** What is wrong, and what to do instead. */
  readonly what: string
}

/** One rule of the house, over all files. */
export type Check = (repository: Repository) => Finding[]

export function formatFinding({ file, line, what }: Finding): string {
  return `${file}:${line}: ${what}`
}
