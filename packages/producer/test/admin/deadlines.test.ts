import { createTopics, deleteTopics, listOffsets, metadata, type Api } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import { World } from '../world/world.ts'

interface Call {
  readonly name: string
  /** What it asks brokers last. */
  readonly api: Api
  readonly run: (producer: Producer, timeoutMs: number) => Promise<unknown>
}

const calls: readonly Call[] = [
  {
    name: 'createTopics',
    api: createTopics,
    run: (producer, timeoutMs) => producer.createTopics([{ topic: 'new' }], { timeoutMs }),
  },
  {
    name: 'deleteTopics',
    api: deleteTopics,
    run: (producer, timeoutMs) => producer.deleteTopics(['old'], { timeoutMs }),
  },
  { name: 'listTopics', api: metadata, run: (producer, timeoutMs) => producer.listTopics({ timeoutMs }) },
  {
    name: 'describeTopics',
    api: metadata,
    run: (producer, timeoutMs) => producer.describeTopics(['t'], { timeoutMs }),
  },
  { name: 'listOffsets', api: listOffsets, run: (producer, timeoutMs) => producer.listOffsets('t', { timeoutMs }) },
]

describe.each(calls)('$name()', ({ api, run }) => {
  test('whose request has no answer fails at its timeout, and the connection stays', async () => {
    const world = new World({ topics: ['t', 'old'].map((name) => ({ name, partitions: 1 })) })
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    const connections = world.network.sockets.length
    world.onRequest(api, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 3000 } : undefined))
    const startMs = world.nowMs
    const error = await world.failureOf(run(producer, 1000))
    expect(error).toMatchObject({ code: 'REQUEST_TIMED_OUT', outcome: 'unknown', retriable: true })
    expect(world.nowMs - startMs).toBe(1000)
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(await world.until(producer.listTopics()), 'the late answer is no answer to this').toContain('t')
    expect(world.network.sockets).toHaveLength(connections)
  })
})

describe('a broker that is asked to change topics', () => {
  test('is told to give up before it is given up on, so that its answer ends no connection', async () => {
    const world = new World()
    const producer = world.producer({ acks: 1, enableIdempotence: false, requestTimeoutMs: 10_000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    const toldMs = 8000
    world.onRequest(createTopics, () => ({ kind: 'delay', delayMs: toldMs }))
    const created = world.watch(producer.createTopics([{ topic: 'new', partitions: 1 }]))
    await world.untilTrue(() => world.wire.of(createTopics).length > 0)
    expect(world.wire.of(createTopics)[0]?.request.timeoutMs).toBe(toldMs)
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(created()).toMatchObject({ state: 'fulfilled' })
    expect(world.valuesIn('t'), 'nothing was sent a second time').toEqual(['0', '1'])
  })

  test('is told what is left when it is asked, not when the call began', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.connect())
    world.onRequest(metadata, () => ({ kind: 'delay', delayMs: 6000 }))
    const deadlineMs = world.nowMs + 10_000
    await world.until(producer.deleteTopics(['t'], { timeoutMs: 10_000 }))
    const [asked] = world.wire.of(deleteTopics)
    const leftMs = deadlineMs - (asked?.wire.atMs ?? 0)
    expect(leftMs).toBeLessThanOrEqual(4000)
    expect(asked?.request.timeoutMs).toBe(Math.floor(leftMs * 0.8))
  })
})
