import type { SentOffset } from './transaction-history.ts'

/** What became of a transaction with offsets, as far as anybody can know. */
export type OffsetsFate = 'COMMITTED' | 'NOT_COMMITTED' | 'UNKNOWN'

/** Where groups may stand, after transactions that moved them one after the other. */
export class CommittedOffsets {
  /** By group, topic and partition: every offset that is possible; undefined for none. */
  readonly #possible = new Map<string, Set<number | undefined>>()

  /** The next transaction, in the order in which they were run. */
  transaction(offsets: readonly SentOffset[], fate: OffsetsFate): void {
    for (const [place, offset] of new Map(offsets.map((one) => [placeOf(one), one.offset]))) {
      const before = this.#possible.get(place) ?? new Set([undefined])
      if (fate === 'COMMITTED') this.#possible.set(place, new Set([offset]))
      else this.#possible.set(place, fate === 'UNKNOWN' ? new Set([...before, offset]) : before)
    }
  }

  /** Says what is wrong with where the groups stand in the end. */
  differences(committed: readonly SentOffset[]): string[] {
    const found = new Map(committed.map((one) => [placeOf(one), one.offset]))
    const strange = [...found.keys()].filter((place) => !this.#possible.has(place))
    const wrong = [...this.#possible].flatMap(([place, possible]) => {
      const offset = found.get(place)
      return possible.has(offset) ? [] : [`${place} stands at ${offset}, not at ${[...possible].join(' or ')}`]
    })
    return [...wrong, ...strange.map((place) => `${place} stands at ${found.get(place)}, and nobody sent it there`)]
  }
}

function placeOf({ groupId, topic, partition }: SentOffset): string {
  return `${groupId}: ${topic}-${partition}`
}
