import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { StallWatch } from './stall-watch.ts'

const STALL_MS = 200
const watches: StallWatch[] = []

afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop()
})

describe('a stall watch', () => {
  test('counts the time in which the event loop could not run, when it could again and at once', async () => {
    const watch = new StallWatch()
    watches.push(watch)
    const startedMs = performance.now()
    block()
    expect(watch.stalledMsSince(startedMs)).toBeGreaterThan(STALL_MS / 2)

    block()
    await delay(0)
    expect(watch.stalledMsSince(startedMs)).toBeGreaterThan(STALL_MS)
    expect(watch.stalledMsSince(startedMs)).toBeLessThanOrEqual(performance.now() - startedMs)
  })

  test('leaves out what was over before', () => {
    const watch = new StallWatch()
    watches.push(watch)
    block()
    expect(watch.stalledMsSince(0)).toBeGreaterThan(STALL_MS / 2)
    expect(watch.stalledMsSince(performance.now() + 60_000)).toBe(0)
  })
})

function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS)
}
