import { randomBytes } from 'node:crypto'
import type { BrokerPorts } from '../ports.ts'

const UUID_BYTES = 16

/** The real clock and the real chance, for one cluster: what it waits for can end with it. */
export class SystemPorts implements BrokerPorts {
  readonly #timers = new Set<NodeJS.Timeout>()

  now(): number {
    return Date.now()
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, delayMs)
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
      clearTimeout(timer)
    }
  }

  randomUuid(): string {
    return randomUuid()
  }

  /** Nothing of what was to come comes, and nothing of it keeps the process alive. */
  cancelAll(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}

/** Never with a dash in front, which command lines take for an option. @source Kafka Uuid.randomUuid */
function randomUuid(): string {
  const uuid = randomBytes(UUID_BYTES).toString('base64url')
  return uuid.startsWith('-') ? randomUuid() : uuid
}
