import { describe, expect, test, vi } from 'vitest'
import { runProgram, startProgram } from '../run-program.ts'
import { hasLocalKafka, useSite } from '../transactions/transaction-site.ts'

const WAIT = { timeout: 60_000, interval: 50 }

describe.skipIf(!hasLocalKafka)('on a real Kafka, the example', () => {
  const site = useSite({ version: '4.3.1', transactionVersion: 2 })

  test('order-payment-notification writes to three topics or to none', async () => {
    const { exitCode, stdout, stderr } = await runProgram(
      'examples/order-payment-notification.ts',
      site.bootstrapServers,
    )
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: 'order 1: placed\norder 2: nothing was written, the card was declined\norder 3: placed\n',
      stderr: '',
    })
    for (const topic of ['orders', 'payments', 'notifications']) {
      await expect.poll(async () => site.witness.values(topic, 'read_committed'), WAIT).toHaveLength(2)
    }
    // The order was sent before the card was declined; its payment never was.
    expect(await site.witness.values('orders', 'read_uncommitted')).toHaveLength(3)
    expect(await site.witness.values('payments', 'read_uncommitted')).toHaveLength(2)
  })

  test('consume-transform-produce writes one invoice for each of these orders, and none twice when it is killed', async () => {
    const [first = '', second = ''] = await site.witness.values('orders', 'read_committed')
    const invoices = [`invoice for ${first}`, `invoice for ${second}`]
    await runUntil(invoices, 'SIGKILL')

    const third = { topic: 'orders', value: 'a third order' }
    await site.newProducer().transaction(async (tx) => tx.send(third))
    await runUntil([...invoices, 'invoice for a third order'], 'SIGTERM')
    const [input] = await site.witness.endsOf('orders')
    const [committed] = await site.witness.committedOffsets('invoices')
    // Behind the last record stands its transaction's marker, which a consumer may count as read or not.
    expect([input?.highWatermark, (input?.highWatermark ?? 0) - 1]).toContain(committed?.offset)
  })

  /** Runs it until committed readers see these invoices, and ends it with the signal. */
  async function runUntil(invoices: readonly string[], signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child, ended } = startProgram('examples/consume-transform-produce.ts', [site.bootstrapServers])
    try {
      await vi.waitFor(async () => {
        expect(await site.witness.values('invoices', 'read_committed')).toEqual(invoices)
      }, WAIT)
      child.kill(signal)
      const { exitCode, stderr } = await ended
      expect(exitCode, stderr).toBe(signal === 'SIGTERM' ? 0 : null)
    } finally {
      child.kill('SIGKILL')
    }
  }
})
