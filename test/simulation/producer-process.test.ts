import { describe, expect, test } from 'vitest'
import { Timeline } from '../../packages/producer/test/world/timeline.ts'
import { ProducerProcess } from './producer-process.ts'

describe('a process that is frozen', () => {
  test('sees afterwards what arrived meanwhile, in order, and its late timer last', async () => {
    const timeline = new Timeline()
    const process = new ProducerProcess(0, timeline, true)
    const seen: string[] = []
    const note = (what: string) => (): void => void seen.push(`${what} at ${Math.floor(timeline.nowMs)}`)
    process.clock().wakeAt(50, note('timer'))
    timeline.at(10, () => process.freeze(1000))
    timeline.at(20, () => process.deliver(note('first')))
    timeline.at(900, () => process.deliver(note('second')))
    await timeline.pass(2000)
    expect(seen).toEqual(['first at 1010', 'second at 1010', 'timer at 1010'])
  })

  test('sees it in order when it is frozen again before it goes on', async () => {
    const timeline = new Timeline()
    const process = new ProducerProcess(0, timeline, true)
    const seen: string[] = []
    const note = (what: string) => (): void => void seen.push(what)
    timeline.at(10, () => process.freeze(100))
    timeline.at(20, () => process.deliver(note('first')))
    timeline.at(30, () => process.freeze(500))
    timeline.at(40, () => process.deliver(note('second')))
    timeline.at(530, () => process.deliver(note('third')))
    await timeline.pass(2000)
    expect(seen).toEqual(['first', 'second', 'third'])
  })

  test('knows how long it stood still, freezes within freezes counted once', async () => {
    const timeline = new Timeline()
    const process = new ProducerProcess(0, timeline, true)
    timeline.at(100, () => process.freeze(400))
    timeline.at(200, () => process.freeze(100))
    timeline.at(300, () => process.freeze(700))
    await timeline.pass(2000)
    expect(process.frozenMs(0, 2000)).toBe(900)
    expect(process.frozenMs(150, 250)).toBe(100)
    expect(process.frozenMs(1000, 2000)).toBe(0)
  })
})

describe('a process that is killed', () => {
  test('does nothing any more, and its timer never rings', async () => {
    const timeline = new Timeline()
    const process = new ProducerProcess(0, timeline, true)
    const seen: string[] = []
    process.clock().wakeAt(50, () => void seen.push('timer'))
    timeline.at(10, () => process.deliver(() => void seen.push('before')))
    timeline.at(20, () => process.kill())
    timeline.at(30, () => process.deliver(() => void seen.push('after')))
    await timeline.pass(1000)
    expect(seen).toEqual(['before'])
    expect(process.isTimerSet).toBe(false)
  })
})

describe('the clock of a process', () => {
  test('wakes once, at the time that was set last or before it', async () => {
    const timeline = new Timeline()
    const clock = new ProducerProcess(0, timeline, true).clock()
    const wakes: number[] = []
    const wake = (): void => void wakes.push(timeline.nowMs)
    clock.wakeAt(500, wake)
    clock.wakeAt(100, wake)
    clock.wakeAt(300, wake)
    await timeline.pass(1000)
    expect(wakes).toEqual([100])
    clock.wakeAt(1500, wake)
    clock.wakeAt(Infinity, wake)
    await timeline.pass(1000)
    expect(wakes).toEqual([100])
  })

  test('on the wall may jump while the other goes on', async () => {
    const timeline = new Timeline()
    const process = new ProducerProcess(0, timeline, true)
    const clock = process.clock()
    const wallTime = clock.wallTime()
    process.wallOffsetMs = -3_600_000
    await timeline.pass(10)
    expect(clock.wallTime() - wallTime).toBe(10 - 3_600_000)
    expect(clock.now()).toBe(10)
  })
})
