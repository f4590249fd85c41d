import type { Finding } from './finding.ts'
import { fileHasReason } from './reasons.ts'
import type { Repository } from './repository.ts'

const LINES_MAX = 400

/** A file that nobody reads in one sitting holds more than one idea, or says why it does not. */
export function checkFileSize(repository: Repository): Finding[] {
  return repository.typescript.flatMap((file) => {
    const lines = file.text.trimEnd().split('\n').length
    if (lines <= LINES_MAX || fileHasReason(file)) return []
    return [file.finding(0, `${lines} lines: split it, or say why not in a // tidy: comment at its top`)]
  })
}
