import { expect, test } from 'vitest'
import { World } from '../world/world.ts'
import { listenWithSasl, plainServer } from './sasl-listener.ts'

test('initTransactions() with a wrong password fails at once, and may be called again', async () => {
  const world = new World()
  listenWithSasl(world, { mechanism: 'PLAIN', server: () => plainServer('orders', 'p') })
  const sasl = { mechanism: 'PLAIN', username: 'orders', password: 'q' } as const
  const producer = world.producer({ transactionalId: 'x', securityProtocol: 'SASL_SSL', sasl })
  for (const attempt of ['first', 'second']) {
    const startMs = world.nowMs
    const error = await world.failureOf(producer.initTransactions())
    expect(error, attempt).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never', fatal: false })
    expect(world.nowMs - startMs).toBeLessThan(10_000)
  }
})
