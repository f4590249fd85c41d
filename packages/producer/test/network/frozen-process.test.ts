import { createTopics, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { type Ports, Producer, type ProducerConfig } from '../../src/index.ts'
import type { Fault } from '../world/broker-host.ts'
import { World } from '../world/world.ts'
import { alterAnswer } from './altered-answer.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The request goes nowhere. */
const NO_ANSWER: Fault = { kind: 'answer', frame: Buffer.alloc(0) }

/**
 * The process of a producer, which may stand still: as one whose event loop is held up, or a function between two
 * calls. When it goes on it finds what arrived meanwhile, and then that its timer is late.
 */
class FreezableProcess {
  readonly #world: World
  readonly #arrived: (() => void)[] = []
  #isFrozen = false
  /** Sockets are read before timers ring. */
  #isReading = false
  #ring: (() => void) | undefined

  constructor(world: World) {
    this.#world = world
  }

  producer(config: Partial<ProducerConfig> = {}): Producer {
    return new Producer({ bootstrapServers: 'broker-1:9092', logger: silent, ...config }, this.#ports())
  }

  /** @param first runs when it goes on, before anything else: the call that woke it up */
  async freeze(durationMs: number, first: () => void = () => {}): Promise<void> {
    this.#isFrozen = true
    this.#isReading = true
    await this.#world.pass(durationMs)
    this.#isFrozen = false
    first()
    await this.#world.pass(0)
    for (const arrive of this.#arrived.splice(0)) {
      arrive()
      await this.#world.pass(0)
    }
    this.#isReading = false
    this.#ring?.()
    this.#ring = undefined
    await this.#world.pass(0)
  }

  #ports(): Ports {
    const { clock, network, ...others } = this.#world.ports()
    return {
      ...others,
      clock: {
        now: () => clock.now(),
        wallTime: () => clock.wallTime(),
        soon: (run) => clock.soon(run),
        wakeAt: (timeMs, wake) => {
          this.#ring = undefined
          clock.wakeAt(timeMs, () => {
            if (this.#isReading) this.#ring = wake
            else wake()
          })
        },
      },
      network: {
        connect: (address, events, tls) =>
          network.connect(
            address,
            {
              onConnected: () => this.#arrive(() => events.onConnected()),
              onData: (chunk) => {
                const copy = Buffer.from(chunk)
                this.#arrive(() => events.onData(copy))
              },
              onWritten: () => this.#arrive(() => events.onWritten()),
              onClosed: (error) => this.#arrive(() => events.onClosed(error)),
            },
            tls,
          ),
      },
    }
  }

  #arrive(tell: () => void): void {
    if (this.#isFrozen) this.#arrived.push(tell)
    else tell()
  }
}

const partitions = [0, 1, 2]

function frozenWorld(): { world: World; process: FreezableProcess } {
  const world = new World({ brokers: 3, topics: [{ name: 't', partitions: partitions.length }] })
  return { world, process: new FreezableProcess(world) }
}

describe('fault 61: after a freeze of the process', () => {
  test.each([1, 10, 60, 400])(
    'of %i s, answers that are there are taken, and nothing is sent again',
    async (seconds) => {
      const { world, process } = frozenWorld()
      const producer = process.producer({ requestTimeoutMs: 500, deliveryTimeoutMs: 800, connectionsMaxIdleMs: -1 })
      const sendAll = (value: string): Promise<unknown> =>
        Promise.all(partitions.map((partition) => producer.send({ topic: 't', partition, value })))
      await world.until(sendAll('0'))
      const connections = world.network.sockets.length
      const sent = world.watch(sendAll('1'))
      await world.pass(0)
      await process.freeze(seconds * 1000)
      await world.pass(0)
      expect(sent()).toMatchObject({ state: 'fulfilled' })
      await world.pass(5000)
      expect(world.wire.of(produce)).toHaveLength(2 * partitions.length)
      expect(world.network.sockets).toHaveLength(connections)
    },
  )

  test('what has no answer is late at once, and goes again', async () => {
    const { world, process } = frozenWorld()
    const producer = process.producer({ requestTimeoutMs: 1000 })
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? NO_ANSWER : undefined))
    const sent = producer.send({ topic: 't', partition: 0, value: '1' })
    await world.pass(0)
    await process.freeze(60_000)
    const startMs = world.nowMs
    await world.until(sent)
    expect(world.nowMs - startMs).toBeLessThan(300)
    expect(world.valuesIn('t', 0)).toEqual(['0', '1'])
  })

  test('a function that sleeps for hours sends at once when it is called: what it was connected to is gone', async () => {
    const { world, process } = frozenWorld()
    const producer = process.producer()
    const sendAll = (value: string): Promise<unknown> =>
      world.until(Promise.all(partitions.map((partition) => producer.send({ topic: 't', partition, value }))))
    await sendAll('0')
    const stale = new Set(world.network.sockets.map(({ id }) => id))
    for (const host of world.hosts) {
      host.faultFor = ({ connectionId }) => (stale.has(connectionId) ? NO_ANSWER : undefined)
    }
    await process.freeze(4 * 3_600_000)
    const before = world.wire.of(metadata).length
    const startMs = world.nowMs
    await sendAll('1')
    expect(world.nowMs - startMs).toBeLessThan(20)
    expect(partitions.map((partition) => world.valuesIn('t', partition))).toEqual(partitions.map(() => ['0', '1']))
    await world.pass(1000)
    expect(world.wire.of(metadata).length, 'what it knew is old').toBeGreaterThan(before)
  })

  test('the call may come before the timer: the stale connection is not used even then', async () => {
    const { world, process } = frozenWorld()
    const producer = process.producer({ requestTimeoutMs: 5000 })
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    const stale = new Set(world.network.sockets.map(({ id }) => id))
    world.host(1).faultFor = ({ connectionId }) => (stale.has(connectionId) ? NO_ANSWER : undefined)
    let sent: Promise<unknown> = Promise.resolve()
    await process.freeze(3_600_000, () => {
      sent = producer.send({ topic: 't', partition: 0, value: '1' })
    })
    const startMs = world.nowMs
    await world.until(sent)
    expect(world.nowMs - startMs).toBeLessThan(20)
  })

  test('a record whose time was over before the answer came, but has its answer, is acknowledged', async () => {
    const { world, process } = frozenWorld()
    const producer = process.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 1000 })
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    const sent = world.watch(producer.send({ topic: 't', partition: 0, value: '1' }))
    await world.pass(0)
    await process.freeze(30_000)
    expect(sent()).toMatchObject({ state: 'fulfilled', value: { offset: 1 } })
  })

  test('a question about topics whose time was over before the answer came, but has its answer, is answered', async () => {
    const { world, process } = frozenWorld()
    const producer = process.producer({ connectionsMaxIdleMs: -1 })
    await world.until(producer.connect())
    const listed = world.watch(producer.listTopics({ timeoutMs: 1000 }))
    await world.pass(0)
    await process.freeze(30_000)
    expect(listed()).toMatchObject({ state: 'fulfilled', value: ['t'] })
  })

  test('brokers that have told no leaders for long are left only when what they sent was read', async () => {
    const { world, process } = frozenWorld()
    const producer = process.producer({ metadataMaxAgeMs: 2000, metadataRecoveryRebootstrapTriggerMs: 1000 })
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    world.onRequest(metadata, (request) => alterAnswer(request, metadata, (answer) => void (answer.brokers = [])))
    await world.pass(2900)
    const connections = world.network.sockets.length
    const sent = world.watch(producer.send({ topic: 't', partition: 0, value: '1' }))
    await world.pass(0)
    await process.freeze(10_000, () => void producer.flush())
    const thawedMs = world.nowMs
    expect(sent()).toMatchObject({ state: 'fulfilled' })
    expect(world.wire.of(produce)).toHaveLength(2)
    // It begins again with the bootstrap servers.
    await world.untilTrue(() => world.network.sockets.length > connections)
    expect(world.nowMs - thawedMs).toBeLessThan(1000)
  })

  test('an order about topics that could not be sent before its time was over is not sent late', async () => {
    const { world, process } = frozenWorld()
    const producer = process.producer()
    const created = world.watch(producer.createTopics([{ topic: 'new', partitions: 1 }], { timeoutMs: 1000 }))
    await process.freeze(30_000)
    expect(created()).toMatchObject({ state: 'rejected', error: { outcome: 'never' } })
    expect(world.wire.of(createTopics)).toEqual([])
  })
})
