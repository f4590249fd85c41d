import type { ProducerParts } from '../producer-parts.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import { isLater } from '../record/serialization.ts'

/**
 * The keys and values of dead letters. A serializer may be why a record failed: it is asked for each apart, and what it
 * cannot write, or not within `maxBlockMs`, is there as it was given.
 */
export class LetterBytes {
  readonly #parts: ProducerParts
  /** Of serializers that are at work. */
  readonly #giveUps = new Set<() => void>()

  constructor(parts: ProducerParts) {
    this.#parts = parts
  }

  async of(record: GivenRecord): Promise<Pick<GivenRecord, 'key' | 'value'>> {
    const [key, value] = await Promise.all([this.#bytesOf('key', record), this.#bytesOf('value', record)])
    return { key, value }
  }

  /** Waits for no serializer any more: the producer is closed, and no alarm of it rings. */
  giveUp(): void {
    for (const giveUp of this.#giveUps) giveUp()
  }

  async #bytesOf(what: 'key' | 'value', record: GivenRecord): Promise<unknown> {
    const { serialization } = this.#parts
    const given = record[what]
    if (serialization === undefined) return given
    try {
      const bytes = serialization.bytesOf(what, given, record.topic)
      return isLater(bytes) ? await this.#inTime(bytes, given) : bytes
    } catch {
      return given
    }
  }

  async #inTime(bytes: PromiseLike<unknown>, given: unknown): Promise<unknown> {
    const { engine, clock, options } = this.#parts
    let giveUp = (): void => {}
    const givenUp = new Promise((resolve) => (giveUp = () => resolve(given)))
    const cancelAlarm = engine.alarms.set(clock.now() + options.maxBlockMs, giveUp)
    this.#giveUps.add(giveUp)
    engine.sender.wake()
    try {
      return await Promise.race([bytes, givenUp])
    } finally {
      cancelAlarm()
      this.#giveUps.delete(giveUp)
    }
  }
}
