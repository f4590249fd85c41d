/** Chance that a seed decides. Mulberry32: small, fast, and the same everywhere. */
export class SeededRandom {
  #state: number

  /** @param seed 0 to 2^32 - 1 */
  constructor(seed: number) {
    this.#state = seed | 0
  }

  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** From 0 to below 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32
  }

  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1))
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.between(0, from.length - 1)]
    if (one === undefined) throw new RangeError('nothing to pick from')
    return one
  }

  shuffled<T>(from: readonly T[]): T[] {
    return from
      .map((one) => ({ one, at: this.fraction() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ one }) => one)
  }
}
