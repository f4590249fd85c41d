import { randomBytes } from 'node:crypto'
import type { BrokerPorts } from '../ports.ts'

const UUID_BYTES = 16

export const systemPorts: BrokerPorts = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
  randomUuid,
}

/** Never with a dash in front, which command lines take for an option. @source Kafka Uuid.randomUuid */
function randomUuid(): string {
  const uuid = randomBytes(UUID_BYTES).toString('base64url')
  return uuid.startsWith('-') ? randomUuid() : uuid
}
