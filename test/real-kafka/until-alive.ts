import { setTimeout as delay } from 'node:timers/promises'
import { aliveBrokers } from './broker-probe.ts'

const START_TIMEOUT_MS = 60_000
const PROBE_TIMEOUT_MS = 2_000
const PROBE_PAUSE_MS = 50

/**
 * Waits until the broker at `address` answers clients and sees `brokerCount` brokers alive.
 *
 * @param failure why it is no use to wait any longer, once that is known
 */
export async function untilAlive(
  address: string,
  brokerCount: number,
  failure: () => string | undefined,
): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const alive = await aliveBrokers(address, PROBE_TIMEOUT_MS).catch(() => 0)
    if (alive >= brokerCount) return
    const ended = failure()
    if (ended !== undefined) throw new Error(ended)
    if (performance.now() > deadlineMs) {
      throw new Error(`Kafka at ${address} sees ${alive} of ${brokerCount} brokers after ${START_TIMEOUT_MS} ms`)
    }
    await delay(PROBE_PAUSE_MS)
  }
}
