import { expect } from 'vitest'
import type { TransactionSite } from './transaction-site.ts'

/** What committed readers see once no transaction is open. The markers of the last one are written after its answer. */
export async function committedOnceDone(site: TransactionSite, topic: string): Promise<string[]> {
  await expect.poll(async () => hasOpenTransaction(site, topic), { timeout: 20_000, interval: 20 }).toBe(false)
  return site.witness.values(topic, 'read_committed')
}

async function hasOpenTransaction(site: TransactionSite, topic: string): Promise<boolean> {
  const ends = await site.witness.endsOf(topic)
  return ends.some(({ lastStableOffset, highWatermark }) => lastStableOffset < highWatermark)
}
