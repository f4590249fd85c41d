import { apiVersions, initProducerId, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { Producer, type ProducerConfig } from '../../src/index.ts'
import type { Dns } from '../../src/ports/dns.ts'
import { World } from '../world/world.ts'

const BROKER = { host: 'broker-1', port: 9092 }

/** A resolver that a test answers by hand. */
class SlowDns implements Dns {
  readonly asked: string[] = []
  readonly #answers: ((error: Error | undefined, addresses: readonly string[]) => void)[] = []

  lookup(host: string, onAnswer: (error: Error | undefined, addresses: readonly string[]) => void): void {
    this.asked.push(host)
    this.#answers.push(onAnswer)
  }

  answerAll(addresses: readonly string[]): void {
    for (const answer of this.#answers.splice(0)) answer(undefined, addresses)
  }
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function producerWith(world: World, dns: Dns, config: Partial<ProducerConfig> = {}): Producer {
  return new Producer({ bootstrapServers: 'broker-1:9092', logger: silent, ...config }, { ...world.ports(), dns })
}

function silence(world: World, ...hosts: string[]): void {
  for (const host of hosts) world.network.listen({ host, port: 9092 }, 'silent')
}

describe('fault 1: a broker that refuses connections', () => {
  test('is tried at most once per back-off, however much is sent', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.network.unlisten(BROKER)
    world.host(1).reset()
    const before = world.network.sockets.length
    for (let i = 0; i < 200; i++) {
      producer.produce({ topic: 't', value: 'v' })
      await world.pass(25)
    }
    // 5 s of back-offs up to 1 s, for the broker and for the bootstrap server beside it.
    expect(world.network.sockets.length - before).toBeLessThan(2 * 12)
  })
})

describe('fault 2: connections that never come up', () => {
  test('of one bootstrap server are not waited for while there is another', async () => {
    const world = new World()
    silence(world, 'silent-1', 'silent-2')
    for (const bootstrapServers of ['silent-1:9092,silent-2:9092,broker-1:9092', 'broker-1:9092,silent-1:9092']) {
      const startMs = world.nowMs
      await world.until(world.producer({ bootstrapServers }).connect())
      expect(world.nowMs - startMs).toBeLessThan(2100)
    }
  })

  test('of a leader do not hold up records for the others, nor metadata', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer()
    await world.until(producer.sendAll([0, 1, 2].map((partition) => ({ topic: 't', partition, value: '0' }))))
    silence(world, 'broker-2')
    world.host(2).reset()
    await world.pass(10)
    const stuck = world.watch(producer.send({ topic: 't', partition: 1, value: '1' }))
    await world.pass(100)
    const startMs = world.nowMs
    await world.until(producer.sendAll([0, 2].map((partition) => ({ topic: 't', partition, value: '1' }))))
    expect(world.nowMs - startMs).toBeLessThan(20)
    world.elect('t', 1, 3)
    await world.untilTrue(() => stuck().state !== 'pending')
    expect(stuck()).toMatchObject({ state: 'fulfilled' })
    expect(world.nowMs - startMs, 'metadata came from another broker, when the setup had timed out').toBeLessThan(
      12_000,
    )
  })

  test('get longer to come up with each failure, up to socketConnectionSetupTimeoutMaxMs (KIP-601)', async () => {
    const world = new World()
    silence(world, 'broker-1')
    const producer = world.producer({
      socketConnectionSetupTimeoutMs: 1000,
      socketConnectionSetupTimeoutMaxMs: 6000,
      reconnectBackoffMs: 0,
      reconnectBackoffMaxMs: 0,
    })
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.pass(26_000)
    const opened = world.network.sockets.map(({ openedMs }) => Math.round(openedMs))
    expect(opened).toEqual([0, 1000, 3000, 7000, 13_000, 19_000, 25_000])
    expect(sent().state).toBe('pending')
  })

  test('a longest wait below the first one is the first one', async () => {
    const world = new World()
    silence(world, 'broker-1')
    const config = { socketConnectionSetupTimeoutMs: 5000, socketConnectionSetupTimeoutMaxMs: 1, maxBlockMs: 20_000 }
    const producer = world.producer({ ...config, reconnectBackoffMs: 0, reconnectBackoffMaxMs: 0 })
    await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(world.network.sockets.map(({ openedMs }) => openedMs)).toEqual([0, 5000, 10_000, 15_000])
  })
})

describe('fault 3: a broker far away', () => {
  test('is reached when a connection takes two seconds', async () => {
    const world = new World()
    world.network.timing.connectMs = 2000
    world.network.timing.latencyMs = 1000
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.valuesIn('t')).toEqual(['v'])
  })
})

describe('fault 58: a bootstrap broker that hangs', () => {
  test.each([
    ['ApiVersions', apiVersions],
    ['Metadata', metadata],
    ['InitProducerId', initProducerId],
  ])('at %s: another answers', async (_name, api) => {
    for (let seed = 1; seed <= 6; seed++) {
      const world = new World({ seed, brokers: 3, topics: [{ name: 't', partitions: 3 }] })
      const faultFor = world.host(1).faultFor
      world.host(1).faultFor = (request) => (request.api === api ? { kind: 'hang' } : faultFor(request))
      const producer = world.producer({
        bootstrapServers: 'broker-1:9092,broker-2:9092,broker-3:9092',
        requestTimeoutMs: 3000,
      })
      await world.until(producer.send({ topic: 't', partition: 1, value: 'v' }))
      expect(world.nowMs, `seed ${seed}`).toBeLessThan(api === apiVersions ? 1500 : 3500)
    }
  })

  test('at every InitProducerId, also when it alone has nothing else to do', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    world.host(1).faultFor = (request) => (request.api === initProducerId ? { kind: 'hang' } : undefined)
    const producer = world.producer({ requestTimeoutMs: 1000 })
    await world.until(producer.sendAll([0, 1].map((partition) => ({ topic: 't', partition, value: 'v' }))))
    const hung = world.wire.of(initProducerId).filter(({ wire }) => wire.address.host === 'broker-1')
    expect(hung.length).toBeLessThanOrEqual(2)
  })

  // What else is asked, and when, must not decide who is asked for the producer id.
  test.each([1, 2])('at every InitProducerId, but not at Metadata, is left for another: broker %i', async (hung) => {
    for (const bootstrapServers of ['broker-1:9092', 'broker-2:9092']) {
      for (const [delayMs, metadataMaxAgeMs] of [0, 1, 20, 200].flatMap((ms) => [
        [ms, 100] as const,
        [ms, 300_000] as const,
      ])) {
        const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
        const { faultFor } = world.host(hung)
        world.host(hung).faultFor = (request) => {
          if (request.api === initProducerId) return { kind: 'hang' }
          return request.api === metadata ? { kind: 'delay', delayMs } : faultFor(request)
        }
        const producer = world.producer({ bootstrapServers, requestTimeoutMs: 1000, metadataMaxAgeMs })
        await world.until(producer.sendAll([0, 1].map((partition) => ({ topic: 't', partition, value: 'v' }))))
        const how = `found at ${bootstrapServers}, Metadata in ${delayMs} ms and after ${metadataMaxAgeMs} ms`
        expect(world.nowMs, how).toBeLessThan(2000)
      }
    }
  })

  test('is the broker at its address: the next question goes to another', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const { faultFor } = world.host(1)
    world.host(1).faultFor = (request) => {
      if (request.api === initProducerId) return { kind: 'hang' }
      return request.api === metadata ? { kind: 'delay', delayMs: 20 } : faultFor(request)
    }
    const producer = world.producer({ requestTimeoutMs: 1000 })
    await world.until(producer.sendAll([0, 1].map((partition) => ({ topic: 't', partition, value: 'v' }))))
    const questions = world.wire.requests.filter(
      ({ apiName }) => apiName === 'Metadata' || apiName === 'InitProducerId',
    )
    expect(questions.find(({ atMs }) => atMs > 1000)?.address.host).toBe('broker-2')
  })
})

describe('fault 73: names', () => {
  test('a name without an answer is given up after socketConnectionSetupTimeoutMs', async () => {
    const world = new World()
    const dns = new SlowDns()
    const error = await world.failureOf(producerWith(world, dns, { socketConnectionSetupTimeoutMs: 2000 }).connect())
    expect(error.message).toContain(
      'broker-1:9092: the name cannot be resolved: no answer within socketConnectionSetupTimeoutMs (2000 ms)',
    )
    expect(world.nowMs).toBe(2000)
  })

  test('fault 74: a question without an answer is not asked a second time, and its late answer is used', async () => {
    const world = new World()
    const dns = new SlowDns()
    const producer = producerWith(world, dns, { socketConnectionSetupTimeoutMs: 1000 })
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.pass(29_000)
    expect(dns.asked, 'four such questions would fill the threads of the process').toEqual(['broker-1'])
    expect(sent().state).toBe('pending')
    dns.answerAll(['broker-1'])
    await world.pass(100)
    dns.answerAll(['broker-1'])
    await world.untilTrue(() => sent().state === 'fulfilled')
  })

  test('fault 74: a question that never has an answer is asked again after half a minute', async () => {
    const world = new World()
    const ports = world.ports()
    const asked: number[] = []
    const dns: Dns = {
      lookup: (host, onAnswer) => {
        asked.push(world.nowMs)
        if (asked.length > 2) ports.dns.lookup(host, onAnswer)
      },
    }
    const producer = producerWith(world, dns, { socketConnectionSetupTimeoutMs: 1000, maxBlockMs: 200_000 })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    const [first = 0, second = 0, third = 0] = asked
    expect(second - first).toBeGreaterThanOrEqual(30_000)
    expect(third - second).toBeGreaterThanOrEqual(30_000)
    expect(world.nowMs).toBeLessThan(130_000)
  })

  test('fault 74: a name that hangs holds up nobody else', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const ports = world.ports()
    const dns: Dns = {
      lookup: (host, onAnswer) => (host === 'broker-2' ? undefined : ports.dns.lookup(host, onAnswer)),
    }
    const producer = producerWith(world, dns)
    const stuck = world.watch(producer.send({ topic: 't', partition: 1, value: 'v' }))
    await world.until(producer.send({ topic: 't', partition: 0, value: 'v' }))
    expect(world.nowMs).toBeLessThan(50)
    expect(stuck().state).toBe('pending')
  })

  test('an answer that comes after close() is nothing', async () => {
    const world = new World()
    const dns = new SlowDns()
    const producer = producerWith(world, dns)
    const connected = world.watch(producer.connect())
    await world.pass(10)
    await world.until(producer.close())
    dns.answerAll(['broker-1'])
    await world.pass(1000)
    expect(connected().state).toBe('rejected')
    expect(world.network.sockets).toEqual([])
    expect(world.timeline.nextEventMs).toBe(Infinity)
  })

  test.each([
    ['NXDOMAIN', new Error('getaddrinfo ENOTFOUND broker-1')],
    ['SERVFAIL', new Error('getaddrinfo EAI_AGAIN broker-1')],
    ['no address', [] as string[]],
  ])('a name with %s is looked up again, and recovers', async (_what, answer) => {
    const world = new World()
    world.addresses.set('broker-1', answer)
    const sent = world.producer().send({ topic: 't', value: 'v' })
    await world.pass(5000)
    expect(world.network.sockets).toEqual([])
    world.addresses.delete('broker-1')
    await world.until(sent)
  })

  test('every connection looks its name up anew: a broker that got another address is found there', async () => {
    const world = new World()
    world.network.listen({ host: '10.0.0.2', port: 9092 }, world.host(1).accept)
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.addresses.set('broker-1', ['10.0.0.2'])
    world.network.unlisten(BROKER)
    world.host(1).reset()
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs).toBeLessThan(500)
    expect(world.wire.batches.at(-1)?.request.address.host).toBe('10.0.0.2')
  })

  test('a connection that was ready is followed by a new look-up, not by the next address of the old one', async () => {
    const world = new World()
    world.addresses.set('broker-1', ['broker-1', 'stale-address'])
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.host(1).reset()
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.network.sockets.map(({ address }) => address.host)).not.toContain('stale-address')
  })

  test('of many addresses each is tried before a back-off, IPv6 ones too', async () => {
    const world = new World()
    const addresses = ['2001:db8::1', '2001:db8::2', '192.0.2.1', 'broker-1']
    world.addresses.set('many', addresses)
    await world.until(world.producer({ bootstrapServers: 'many:9092' }).connect())
    expect(world.network.sockets.slice(0, 4).map(({ address }) => address.host)).toEqual(addresses)
    expect(world.nowMs).toBeLessThan(20)
  })

  test('when the addresses of two brokers are swapped, records find their leaders', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer({ bootstrapServers: 'broker-1:9092,broker-2:9092' })
    const sendBoth = (value: string): Promise<unknown> =>
      world.until(producer.sendAll([0, 1].map((partition) => ({ topic: 't', partition, value }))))
    await sendBoth('0')
    world.addresses.set('broker-1', ['broker-2'])
    world.addresses.set('broker-2', ['broker-1'])
    world.cluster.register({ nodeId: 1, host: 'broker-2', port: 9092 })
    world.cluster.register({ nodeId: 2, host: 'broker-1', port: 9092 })
    for (const host of world.hosts) host.reset()
    await sendBoth('1')
    expect([world.valuesIn('t', 0), world.valuesIn('t', 1)]).toEqual([
      ['0', '1'],
      ['0', '1'],
    ])
  })
})

describe('fault 76: a process without a free file descriptor', () => {
  test('backs off as from any failure, and goes on when there is one', async () => {
    const world = new World()
    const ports = world.ports()
    let isFull = true
    const network = {
      connect: (...[address, events]: Parameters<typeof ports.network.connect>) => {
        if (!isFull) return ports.network.connect(address, events)
        attempts++
        world.timeline.after(0, () => events.onClosed(new Error('connect EMFILE')))
        return { write: () => {}, destroy: () => {} }
      },
    }
    let attempts = 0
    const producer = new Producer({ bootstrapServers: 'broker-1:9092', logger: silent }, { ...ports, network })
    const sent = producer.send({ topic: 't', value: 'v' })
    await world.pass(10_000)
    expect(attempts).toBeLessThan(16)
    isFull = false
    await world.until(sent)
  })
})

describe('fault 72: one dead broker of ten', () => {
  test.each(['refuses', 'is silent', 'hangs'])('does not hold up the records for the others: it %s', async (how) => {
    const world = new World({ brokers: 10, topics: [{ name: 't', partitions: 10 }] })
    const producer = world.producer({ requestTimeoutMs: 10_000, deliveryTimeoutMs: 20_000 })
    const all = Array.from({ length: 10 }, (_, partition) => partition)
    await world.until(producer.sendAll(all.map((partition) => ({ topic: 't', partition, value: 'first' }))))
    if (how === 'refuses') world.network.unlisten({ host: 'broker-4', port: 9092 })
    if (how === 'is silent') silence(world, 'broker-4')
    if (how === 'hangs') world.host(4).faultFor = () => ({ kind: 'hang' })
    else world.host(4).reset()
    await world.pass(100)
    const dead = world.watch(producer.send({ topic: 't', partition: 3, value: 'dead' }))
    for (let round = 0; round < 50; round++) {
      const startMs = world.nowMs
      const others = all.filter((partition) => partition !== 3)
      await world.until(producer.sendAll(others.map((partition) => ({ topic: 't', partition, value: `${round}` }))))
      expect(world.nowMs - startMs, `round ${round}`).toBeLessThan(10)
      await world.pass(100)
    }
    await world.untilTrue(() => dead().state !== 'pending')
    const outcome = how === 'hangs' ? 'unknown' : 'never'
    expect(dead()).toMatchObject({ state: 'rejected', error: { code: 'DELIVERY_TIMEOUT', outcome } })
  })

  test('does not keep connect() from the others', async () => {
    const world = new World({ brokers: 2 })
    world.host(1).faultFor = (request) => (request.api === produce ? undefined : { kind: 'hang' })
    const producer = world.producer({ bootstrapServers: 'broker-1:9092,broker-2:9092' })
    await world.until(producer.connect())
    expect(world.nowMs).toBeLessThan(1500)
  })
})
