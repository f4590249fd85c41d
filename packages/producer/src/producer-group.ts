import { BufferMemory } from './accumulate/buffer-memory.ts'
import type { Metadata } from './cluster/metadata.ts'

/** A producer of a group, as the others see it. */
export interface GroupMember {
  readonly metadata: Metadata
  readonly admission: { readonly isWaitedFor: boolean; onMemoryReleased(): void }
  readonly accumulator: { stopLingering(): void }
  readonly sender: { wake(): void }
}

/**
 * Producers of one cluster that share what they need not have twice: one cap on memory, and what brokers tell one of topics
 * the others know too. Everything else is each one's own, so records of two producers have no order between them.
 */
export class ProducerGroup {
  /** Hard cap on all batch buffers of all producers, plus 200 bytes per unsettled record of them. */
  readonly bufferMemory: number
  /** @internal For the engines of the group. */
  readonly memory: BufferMemory
  readonly #members = new Set<GroupMember>()

  /** @param options bufferMemory: of all together, whatever the configuration of each says. Default 33_554_432 */
  constructor({ bufferMemory = 33_554_432 }: { readonly bufferMemory?: number } = {}) {
    this.bufferMemory = bufferMemory
    this.memory = new BufferMemory(bufferMemory, () => this.#wakeWaiting())
  }

  /** @internal For the engines of the group. */
  join(member: GroupMember): void {
    this.#members.add(member)
  }

  /** @internal For the engines of the group. What a member that ended still holds comes back when its sockets let go of it. */
  leave(member: GroupMember): void {
    this.#members.delete(member)
  }

  /** Memory was given back by one of them, perhaps by one that will never run again: whoever waits looks for it. */
  #wakeWaiting(): void {
    for (const { admission, sender } of this.#members) if (admission.isWaitedFor) sender.wake()
  }

  /** @internal Somebody waits for memory: batches of all that linger hold some. */
  stopLingering(): void {
    for (const { accumulator, sender } of this.#members) {
      accumulator.stopLingering()
      sender.wake()
    }
  }

  /** @internal Lets in who waits for memory. Each time another producer comes first. */
  onMemoryReleased(): void {
    const [first] = this.#members
    if (first !== undefined) {
      this.#members.delete(first)
      this.#members.add(first)
    }
    for (const { admission } of this.#members) admission.onMemoryReleased()
  }

  /** @internal The others. */
  *metadataBeside(own: Metadata): Iterable<Metadata> {
    for (const { metadata } of this.#members) if (metadata !== own) yield metadata
  }
}
