import { fieldsOf, type GivenRecord } from './producer-record.ts'

interface Refused {
  /** The fields that the record had then. */
  readonly fields: GivenRecord
  readonly made: GivenRecord
}

/** Records that found no room, and what was made of them: whoever offers one again means the same record. */
export class RefusedRecords {
  readonly #refused = new WeakMap<GivenRecord, Refused>()
  /** Of those that were not taken since: mostly there are none, and nothing is looked up. */
  #count = 0

  /** Undefined for a record that is new, also when its object was another record before. */
  madeOf(given: GivenRecord): GivenRecord | undefined {
    if (this.#count === 0) return undefined
    const refused = this.#refused.get(given)
    return refused !== undefined && isSame(refused.fields, given) ? refused.made : undefined
  }

  /** What was made of a record was offered: it is over, or will be offered again. */
  onOffered(given: GivenRecord, made: GivenRecord, isTaken: boolean): void {
    if (!isTaken) {
      if (!this.#refused.has(given)) this.#count++
      this.#refused.set(given, { fields: fieldsOf(given), made })
    } else if (this.#count > 0 && this.#refused.delete(given)) this.#count--
  }
}

function isSame(one: GivenRecord, other: GivenRecord): boolean {
  return (
    one.topic === other.topic &&
    one.key === other.key &&
    one.value === other.value &&
    one.headers === other.headers &&
    one.partition === other.partition &&
    one.timestamp === other.timestamp &&
    one.ttlMs === other.ttlMs &&
    one.delayMs === other.delayMs &&
    one.deliverAt === other.deliverAt
  )
}
