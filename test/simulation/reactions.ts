import type { Reaction } from './plan/plan.ts'

/** What the application can do from within a callback. */
export type ReactionCalls = Readonly<Record<Reaction['does'], () => void>>

/** Does what a plan says in the callbacks of records, in the very call that tells of them. */
export class Reactions {
  readonly #left: { readonly reaction: Reaction; times: number; told: number }[]
  readonly #calls: ReactionCalls

  constructor(reactions: readonly Reaction[], calls: ReactionCalls) {
    this.#left = reactions.map((reaction) => ({ reaction, times: reaction.times, told: 0 }))
    this.#calls = calls
  }

  onTold(hasFailed: boolean): void {
    for (const one of this.#left) {
      const { does, isToFailure, every } = one.reaction
      if (one.times === 0 || (isToFailure && !hasFailed) || one.told++ % every !== 0) continue
      one.times--
      this.#calls[does]()
    }
  }
}
