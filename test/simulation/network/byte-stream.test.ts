import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import { Timeline } from '../../../packages/producer/test/world/timeline.ts'
import { ByteStream } from './byte-stream.ts'
import { type PathConditions, UNDISTURBED } from './path.ts'

interface Arrival {
  readonly atMs: number
  readonly bytes: string
}

function streamWith(conditions: Partial<PathConditions>): {
  stream: ByteStream
  arrivals: Arrival[]
  timeline: Timeline
} {
  const timeline = new Timeline()
  const arrivals: Arrival[] = []
  const stream = new ByteStream({
    timeline,
    random: new SeededRandom(1),
    conditions: { ...UNDISTURBED, ...conditions },
    direction: 'UP',
    onPiece: (piece) => arrivals.push({ atMs: timeline.nowMs, bytes: piece.toString() }),
  })
  return { stream, arrivals, timeline }
}

const text = (arrivals: readonly Arrival[]): string => arrivals.map(({ bytes }) => bytes).join('')

describe('bytes on their way', () => {
  test('arrive after the latency, as they were sent', async () => {
    const { stream, arrivals, timeline } = streamWith({ latencyMs: 7 })
    stream.push(Buffer.from('abc'))
    await timeline.pass(100)
    expect(arrivals).toEqual([{ atMs: 7, bytes: 'abc' }])
  })

  test('stay in order however they are cut and delayed', async () => {
    const { stream, arrivals, timeline } = streamWith({ pieceBytesMax: 3, jitterMs: 50, pieceGapMs: 2 })
    stream.push(Buffer.from('abcdefghij'))
    stream.push(Buffer.from('klmnop'))
    await timeline.pass(1000)
    expect(text(arrivals)).toBe('abcdefghijklmnop')
    expect(arrivals.length).toBeGreaterThan(4)
    expect(arrivals.every(({ bytes }) => bytes.length <= 3)).toBe(true)
  })

  test('come in one piece when they come at one time and nothing cuts them', async () => {
    const { stream, arrivals, timeline } = streamWith({ blockedUpUntilMs: 500 })
    stream.push(Buffer.from('abc'))
    stream.push(Buffer.from('def'))
    await timeline.pass(1000)
    expect(arrivals).toEqual([{ atMs: 501, bytes: 'abcdef' }])
  })

  test('come in pieces that hold the end of one write and the beginning of the next', async () => {
    const { stream, arrivals, timeline } = streamWith({ pieceBytesMax: 4, pieceGapMs: 2 })
    for (let count = 0; count < 50; count++) stream.push(Buffer.from('abcdef'))
    await timeline.pass(1000)
    expect(text(arrivals)).toBe('abcdef'.repeat(50))
    expect(arrivals.filter(({ bytes }) => bytes.slice(1).includes('a')).length).toBeGreaterThan(3)
    expect(arrivals.every(({ bytes }) => bytes.length <= 4)).toBe(true)
  })

  test('wait for the end of a blackhole', async () => {
    const { stream, arrivals, timeline } = streamWith({ blockedUpUntilMs: 500 })
    stream.push(Buffer.from('abc'))
    await timeline.pass(1000)
    expect(arrivals).toEqual([{ atMs: 501, bytes: 'abc' }])
  })

  test('are cut at the byte, and what is behind it never comes', async () => {
    const { stream, arrivals, timeline } = streamWith({})
    let cuts = 0
    stream.cut = { budget: { leftBytes: 4 }, run: () => cuts++ }
    stream.push(Buffer.from('abc'))
    stream.push(Buffer.from('def'))
    stream.push(Buffer.from('ghi'))
    await timeline.pass(100)
    expect(text(arrivals)).toBe('abcd')
    expect(cuts).toBe(1)
  })

  test('vanish on a connection that is dead, its end too', async () => {
    const { stream, arrivals, timeline } = streamWith({})
    let hasEnded = false
    stream.isDead = true
    stream.push(Buffer.from('abc'))
    stream.end(() => (hasEnded = true))
    await timeline.pass(1000)
    expect(arrivals).toEqual([])
    expect(hasEnded).toBe(false)
  })

  test('come before the end of the connection', async () => {
    const { stream, arrivals, timeline } = streamWith({ pieceBytesMax: 1, pieceGapMs: 10 })
    stream.push(Buffer.from('abc'))
    let before = ''
    stream.end(() => (before = text(arrivals)))
    await timeline.pass(1000)
    expect(before).toBe('abc')
  })
})
