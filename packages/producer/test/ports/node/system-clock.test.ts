import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { SystemClock } from '../../../src/ports/node/system-clock.ts'
import { listenOnLoopback, loopTurn } from './loopback-server.ts'

const clocks: SystemClock[] = []

function newClock(): SystemClock {
  const clock = new SystemClock()
  clocks.push(clock)
  return clock
}

afterEach(() => {
  for (const clock of clocks.splice(0)) clock.wakeAt(Infinity, () => {})
})

/** Holds the event loop up. */
function freeze(clock: SystemClock, durationMs: number): void {
  const untilMs = clock.now() + durationMs
  while (clock.now() < untilMs);
}

describe('wakeAt', () => {
  test('for an idle time keeps no process alive, until it is for one that is waited for', () => {
    const clock = newClock()
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    clock.wakeAt(clock.now() + 60_000, () => {}, true)
    expect(timers() - before).toBe(0)
    clock.wakeAt(clock.now() + 90_000, () => {})
    expect(timers() - before, 'the timer that is armed for sooner').toBe(1)
    clock.wakeAt(clock.now() + 90_000, () => {}, true)
    expect(timers() - before).toBe(0)
    clock.wakeAt(clock.now() + 30_000, () => {})
    expect(timers() - before, 'a timer for sooner still').toBe(1)
  })

  test('wakes at the time, not much before', async () => {
    const clock = newClock()
    const startMs = clock.now()
    await new Promise<void>((resolve) => clock.wakeAt(startMs + 20, resolve))
    expect(clock.now() - startMs).toBeGreaterThan(18)
  })

  test('a time that has passed wakes as well, after the call', async () => {
    const clock = newClock()
    let isAwake = false
    const woken = new Promise<void>((resolve) =>
      clock.wakeAt(clock.now() - 1000, () => {
        isAwake = true
        resolve()
      }),
    )
    expect(isAwake).toBe(false)
    await woken
  })

  test('the last call says what runs, the soonest time when', async () => {
    const clock = newClock()
    const startMs = clock.now()
    const woken: string[] = []
    await new Promise<void>((resolve) => {
      clock.wakeAt(startMs + 60_000, () => woken.push('late'))
      clock.wakeAt(startMs + 5, () => woken.push('replaced'))
      clock.wakeAt(startMs + 60_000, () => {
        woken.push('last')
        resolve()
      })
    })
    expect(woken).toEqual(['last'])
  })

  test('Infinity takes it back', async () => {
    const clock = newClock()
    let isAwake = false
    clock.wakeAt(clock.now() + 1, () => (isAwake = true))
    clock.wakeAt(Infinity, () => (isAwake = true))
    freeze(clock, 5)
    for (let i = 0; i < 5; i++) await loopTurn()
    expect(isAwake).toBe(false)
    expect(process.getActiveResourcesInfo()).not.toContain('Immediate')
  })

  test.each([2 ** 31, 2 ** 32 + 5, 2 ** 40])(
    "fault 63: a time %i ms away does not ring at once, as Node's own timers do",
    async (distanceMs) => {
      const warnings: Error[] = []
      const onWarning = (warning: Error): void => void warnings.push(warning)
      process.on('warning', onWarning)
      const clock = newClock()
      let isAwake = false
      clock.wakeAt(clock.now() + distanceMs, () => (isAwake = true))
      freeze(clock, 5)
      for (let i = 0; i < 5; i++) await loopTurn()
      process.off('warning', onWarning)
      expect(isAwake).toBe(false)
      expect(warnings).toEqual([])
    },
  )
})

describe('fault 61: after a freeze of the process', () => {
  test('what lies in the sockets is read before the clock rings', async () => {
    const clock = newClock()
    const peers: Socket[] = []
    const { server, address } = await listenOnLoopback((peer) => void peers.push(peer))
    const sockets = [0, 1, 2].map(() => connect(address.port, address.host))
    const words: string[] = []
    for (const socket of sockets) socket.on('data', () => words.push('data'))
    while (peers.length < 3) await loopTurn()

    const woken = new Promise<void>((resolve) => {
      clock.wakeAt(clock.now() + 10, () => {
        words.push('rung')
        resolve()
      })
    })
    for (const peer of peers) peer.write('x') // in the kernel when the call returns
    freeze(clock, 200)
    await woken
    for (const socket of [...sockets, ...peers]) socket.destroy()
    server.close()
    expect(words).toEqual(['data', 'data', 'data', 'rung'])
  })
})

describe('soon', () => {
  test('runs after the promises that were settled before it, and after what these settle', async () => {
    const clock = newClock()
    const order: string[] = []
    void Promise.resolve()
      .then(() => void order.push('first'))
      .then(() => void order.push('second'))
    await new Promise<void>((resolve) =>
      clock.soon(() => {
        order.push('soon')
        resolve()
      }),
    )
    expect(order).toEqual(['first', 'second', 'soon'])
  })
})

test('wallTime is the time of day', () => {
  expect(Math.abs(newClock().wallTime() - Date.now())).toBeLessThan(1000)
})
