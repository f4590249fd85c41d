import type { Api } from '@linger/protocol'

/**
 * When a broker was last asked what any broker can answer. A bootstrap server and the broker at its address have one in
 * common.
 *
 * Each kind of question has turns of its own. Were they common to all, two kinds that are asked in turn could for ever go
 * one to this broker and one to that, and who never answers one of the two would keep it from all others.
 */
export class QuestionsAsked {
  readonly #lastMs = new Map<number, number>()
  #lastOfAllMs = -Infinity

  note({ apiKey }: Api, nowMs: number): void {
    this.#lastMs.set(apiKey, nowMs)
    this.#lastOfAllMs = nowMs
  }

  /** True when this broker was asked such a question longer ago than another, or any question where they are equal. */
  isBefore(other: QuestionsAsked, { apiKey }: Api): boolean {
    const lastMs = this.#lastMs.get(apiKey) ?? -Infinity
    const otherMs = other.#lastMs.get(apiKey) ?? -Infinity
    return lastMs === otherMs ? this.#lastOfAllMs < other.#lastOfAllMs : lastMs < otherMs
  }
}
