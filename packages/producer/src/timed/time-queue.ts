interface Entry<Item> {
  readonly timeMs: number
  /** Of two at the same time the first to come is first. */
  readonly order: number
  readonly item: Item
}

/** Items by their time: a binary heap, so that a million of them wait as cheaply as ten. */
export class TimeQueue<Item> {
  #entries: Entry<Item>[] = []
  #order = 0

  get length(): number {
    return this.#entries.length
  }

  /** The first one's time, Infinity when there is none. */
  get deadlineMs(): number {
    return this.#entries[0]?.timeMs ?? Infinity
  }

  push(timeMs: number, item: Item): void {
    this.#rise({ timeMs, order: this.#order++, item })
  }

  /** Takes the first item whose time has come. */
  shiftDue(nowMs: number): Item | undefined {
    const first = this.#entries[0]
    const last = this.#entries.at(-1)
    if (first === undefined || last === undefined || first.timeMs > nowMs) return undefined
    this.#entries.pop()
    if (this.#entries.length > 0) this.#sink(last)
    return first.item
  }

  /** Takes all there is, the first one first. */
  takeAll(): readonly Item[] {
    const entries = inOrder(this.#entries)
    this.#entries = []
    return entries.map(({ item }) => item)
  }

  /** Lets go of items that are not to be kept. */
  keep(isKept: (item: Item) => boolean): void {
    // In the order of their times: a sorted list is a heap.
    this.#entries = inOrder(this.#entries.filter(({ item }) => isKept(item)))
  }

  /** Puts an entry at the end, and brings it up to where those above are before it. */
  #rise(entry: Entry<Item>): void {
    let at = this.#entries.length
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = this.#entries[parentAt]
      if (parent === undefined || !isBefore(entry, parent)) break
      this.#entries[at] = parent
      at = parentAt
    }
    this.#entries[at] = entry
  }

  /** Puts an entry at the top, and brings it down to where those below are behind it. */
  #sink(entry: Entry<Item>): void {
    let at = 0
    for (;;) {
      const left = this.#entries[2 * at + 1]
      const right = this.#entries[2 * at + 2]
      if (left === undefined) break
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (!isBefore(child, entry)) break
      this.#entries[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    this.#entries[at] = entry
  }
}

function inOrder<Item>(entries: readonly Entry<Item>[]): Entry<Item>[] {
  return entries.toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
}

function isBefore<Item>(a: Entry<Item>, b: Entry<Item>): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order)
}
