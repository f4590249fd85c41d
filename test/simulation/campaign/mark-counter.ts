import { readFileSync } from 'node:fs'
import { Session, type Profiler } from 'node:inspector'
import type { Mark } from './mark.ts'

const ROOT = new URL('../../../', import.meta.url)

/**
 * Counts how often the marked places of the engine are passed, by V8's own coverage: the engine knows nothing of it. Make
 * it before the engine is imported.
 */
export class MarkCounter {
  readonly #session = new Session()
  readonly #marks: readonly Mark[]

  constructor(marks: readonly Mark[]) {
    this.#marks = marks
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** By name; NaN for a mark whose code is not there, or not only once. */
  counts(): Record<string, number> {
    const scripts = new Map<string, Profiler.ScriptCoverage>()
    // Answered inside the call: the session is this thread's own.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error
      for (const script of result) scripts.set(script.url, script)
    })
    return Object.fromEntries(
      this.#marks.map(({ name, file, code }) => {
        const url = new URL(`packages/producer/src/${file}`, ROOT)
        const source = readFileSync(url, 'utf8')
        const at = source.indexOf(code)
        const isOnce = at >= 0 && !source.includes(code, at + 1)
        return [name, isOnce ? countAt(scripts.get(url.href), at + code.length - 1) : Number.NaN]
      }),
    )
  }
}

/** Of the innermost block around an offset. Stripping types keeps offsets. */
function countAt(script: Profiler.ScriptCoverage | undefined, offset: number): number {
  let count = 0
  let size = Infinity
  for (const { ranges } of script?.functions ?? []) {
    for (const range of ranges) {
      const isAround = range.startOffset <= offset && offset < range.endOffset
      if (!isAround || range.endOffset - range.startOffset > size) continue
      size = range.endOffset - range.startOffset
      count = range.count
    }
  }
  return count
}
