import type { Coordinators } from './coordinators.ts'
import type { TransactionVersion } from './transaction-version.ts'

export interface VersionQuestionDeps {
  readonly coordinators: Coordinators
  readonly version: TransactionVersion
  readonly options: { readonly transactionalId: string; readonly metadataMaxAgeMs: number }
}

/** Asks once in a transaction which transactions the cluster does: what is learned counts for the next one. */
export class VersionQuestion {
  readonly #deps: VersionQuestionDeps
  #isDue = false

  constructor(deps: VersionQuestionDeps) {
    this.#deps = deps
  }

  onBegin(): void {
    this.#isDue = true
  }

  /** There is nothing else to ask. */
  ask(nowMs: number): void {
    if (!this.#isDue) return
    const { coordinators, version, options } = this.#deps
    this.#isDue = !version.refresh(nowMs, options.metadataMaxAgeMs, (onVersions) =>
      coordinators.askVersions(options.transactionalId, nowMs, onVersions),
    )
  }
}
