import { formatFinding, type Check } from '../tidy/finding.ts'
import { Repository, SourceFile } from '../tidy/repository.ts'

/** What a check says of files, given as text by path. */
export function findingsOf(check: Check, files: Readonly<Record<string, string>>): string[] {
  const repository = new Repository(Object.entries(files).map(([path, text]) => new SourceFile(path, text)))
  return check(repository).map(formatFinding)
}
