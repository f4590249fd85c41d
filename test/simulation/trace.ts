import { createHash, type Hash } from 'node:crypto'

/** What happened, line by line: a digest of all of it, and the lines themselves for whoever wants to read them. */
export class Trace {
  readonly #hash: Hash = createHash('sha256')
  readonly #onLine: ((line: string) => void) | undefined

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine
  }

  note(atMs: number, what: string, about: string): void {
    const line = JSON.stringify({ atMs: Number(atMs.toFixed(3)), what, about })
    this.#hash.update(line)
    this.#onLine?.(line)
  }

  /** SHA-256 of all lines. Call it once. */
  digest(): string {
    return this.#hash.digest('hex')
  }
}
