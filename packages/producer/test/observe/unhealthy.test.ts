import { readFileSync } from 'node:fs'
import { apiVersions, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer, ProducerMetrics } from '../../src/index.ts'
import { alterAnswer } from '../network/altered-answer.ts'
import { listenWithSasl, plainServer } from '../security/sasl-listener.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_LEADER_OR_FOLLOWER = 6
const TOPIC_AUTHORIZATION_FAILED = 29

/** Metrics when all goes well, and with something wrong. */
interface Seen {
  readonly healthy: ProducerMetrics
  readonly unhealthy: ProducerMetrics
}

const of = (producer: Producer): ProducerMetrics => producer.metrics().producer

/** Sends one record after the other, and goes on whatever becomes of them. */
async function sendInTurn(world: World, producer: Producer, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await world.until(producer.send({ topic: 't', value: 'v' }).catch(() => {}))
  }
}

/** What a producer that has sent well shows before and after `spoil` and more records. */
async function spoilt(
  world: World,
  producer: Producer,
  spoil: () => void,
  more: () => Promise<unknown> = () => sendInTurn(world, producer, 3),
): Promise<Seen> {
  await sendInTurn(world, producer, 3)
  const healthy = of(producer)
  spoil()
  await more()
  return { healthy, unhealthy: of(producer) }
}

/** A buffer for one large record, before a broker that takes its time. */
async function full(delayMs: number): Promise<Seen> {
  const world = new World()
  const producer = world.producer({ bufferMemory: 131_072, maxRequestSize: 65_536, maxBlockMs: 1000 })
  return spoilt(
    world,
    producer,
    () => world.onRequest(produce, () => ({ kind: 'delay', delayMs })),
    async () => {
      for (let index = 0; index < 4; index++) {
        void producer.send({ topic: 't', value: Buffer.alloc(60_000) }).catch(() => {})
      }
      await world.pass(3000)
    },
  )
}

/** The same records with this lingerMs, over many partitions. */
async function spread(lingerMs: number): Promise<ProducerMetrics> {
  const world = new World({ topics: [{ name: 't', partitions: 20 }] })
  const producer = world.producer({ lingerMs, partitioner: 'round-robin' })
  const sent: Promise<unknown>[] = []
  for (let index = 0; index < 400; index++) {
    sent.push(producer.send({ topic: 't', value: 'v'.repeat(100) }))
    await world.pass(1)
  }
  await world.until(Promise.all(sent))
  return of(producer)
}

const lingering = async (): Promise<Seen> => ({ healthy: await spread(200), unhealthy: await spread(0) })

/** Batches of this content, compressed. */
async function compressed(contentOf: (index: number) => string): Promise<ProducerMetrics> {
  const world = new World()
  const producer = world.producer({ compressionType: 'gzip' })
  await world.until(
    producer.sendAll(Array.from({ length: 200 }, (_, index) => ({ topic: 't', value: contentOf(index) }))),
  )
  return of(producer)
}

/** One broker that answers nothing of this kind any more. */
async function silent(api: typeof produce | typeof metadata, durationMs: number): Promise<Seen> {
  const world = new World({ topics: [{ name: 't', partitions: 5 }] })
  const producer = world.producer({ requestTimeoutMs: 600_000, deliveryTimeoutMs: 900_000, maxProduceRequestBytes: 1 })
  return spoilt(
    world,
    producer,
    () => world.onRequest(api, () => ({ kind: 'hang' })),
    async () => {
      for (let partition = 0; partition < 5; partition++) producer.produce({ topic: 't', partition, value: 'v' })
      await world.pass(durationMs)
    },
  )
}

interface Case {
  /** Makes it happen. */
  readonly see: () => Promise<Seen>
  readonly isHealthy: (metrics: ProducerMetrics) => boolean
}

/** For every row of the table in docs/observability.md. */
const CASES: Readonly<Record<string, Case>> = {
  'record-error-rate': {
    see: () => {
      const world = new World()
      return spoilt(world, world.producer(), () =>
        world.onRequest(produce, (request) => refuseProduce(request, TOPIC_AUTHORIZATION_FAILED)),
      )
    },
    isHealthy: (metrics) => metrics['record-error-rate'] === 0,
  },
  'buffer-exhausted-rate': { see: () => full(5000), isHealthy: (metrics) => metrics['buffer-exhausted-rate'] === 0 },
  'failed-authentication-rate': {
    see: async () => {
      const see = async (password: string): Promise<ProducerMetrics> => {
        const world = new World()
        listenWithSasl(world, { mechanism: 'PLAIN', server: () => plainServer('orders', 'right') })
        const sasl = { mechanism: 'PLAIN', username: 'orders', password } as const
        const producer = world.producer({ securityProtocol: 'SASL_SSL', sasl })
        await world.until(producer.connect().catch(() => {}))
        return of(producer)
      }
      return { healthy: await see('right'), unhealthy: await see('wrong') }
    },
    isHealthy: (metrics) => metrics['failed-authentication-rate'] === 0,
  },
  'bufferpool-wait-ratio': { see: () => full(500), isHealthy: (metrics) => metrics['bufferpool-wait-ratio'] === 0 },
  'waiting-threads': {
    see: async () => {
      const world = new World()
      const producer = world.producer({ bufferMemory: 131_072, maxRequestSize: 65_536 })
      return spoilt(
        world,
        producer,
        () => world.onRequest(produce, () => ({ kind: 'hang' })),
        async () => {
          for (let index = 0; index < 4; index++) {
            void producer.send({ topic: 't', value: Buffer.alloc(60_000) }).catch(() => {})
          }
          await world.pass(100)
        },
      )
    },
    isHealthy: (metrics) => metrics['waiting-threads'] === 0,
  },
  'buffer-available-bytes': {
    see: async () => {
      const world = new World()
      const producer = world.producer({ bufferMemory: 1_500_000, maxRequestSize: 65_536 })
      return spoilt(
        world,
        producer,
        () => world.onRequest(produce, () => ({ kind: 'hang' })),
        async () => {
          while (producer.produce({ topic: 't', value: Buffer.alloc(10_000) }));
          await world.pass(100)
        },
      )
    },
    isHealthy: (metrics) => metrics['buffer-available-bytes'] > 0.9 * metrics['buffer-total-bytes'],
  },
  'record-retry-rate': {
    see: () => {
      const world = new World()
      return spoilt(world, world.producer(), () =>
        world.onRequest(produce, (request, ordinal) =>
          ordinal % 2 === 1 ? refuseProduce(request, NOT_LEADER_OR_FOLLOWER) : undefined,
        ),
      )
    },
    isHealthy: (metrics) => metrics['record-retry-rate'] === 0,
  },
  'request-latency-avg': {
    see: () => {
      const world = new World()
      return spoilt(world, world.producer(), () => world.onRequest(produce, () => ({ kind: 'delay', delayMs: 2000 })))
    },
    isHealthy: (metrics) => metrics['request-latency-avg'] < 20,
  },
  'record-queue-time-avg': {
    see: () => {
      const world = new World()
      const producer = world.producer({ lingerMs: 5, batchSize: 1000 })
      return spoilt(
        world,
        producer,
        () => world.onRequest(produce, () => ({ kind: 'delay', delayMs: 100 })),
        // One partition, which has one batch on its way at a time.
        () => world.until(producer.sendAll(Array.from({ length: 50 }, () => ({ topic: 't', value: 'v'.repeat(500) })))),
      )
    },
    isHealthy: (metrics) => metrics['record-queue-time-avg'] < 20,
  },
  'requests-in-flight': { see: () => silent(produce, 100), isHealthy: (metrics) => metrics['requests-in-flight'] < 5 },
  'produce-throttle-time-avg': {
    see: () => {
      const world = new World()
      return spoilt(world, world.producer(), () =>
        world.onRequest(produce, (request) =>
          alterAnswer(request, produce, (response) => {
            response.throttleTimeMs = 300
          }),
        ),
      )
    },
    isHealthy: (metrics) => metrics['produce-throttle-time-avg'] === 0,
  },
  'batch-size-avg': { see: lingering, isHealthy: (metrics) => metrics['batch-size-avg'] > 1000 },
  'records-per-request-avg': { see: lingering, isHealthy: (metrics) => metrics['records-per-request-avg'] > 5 },
  'compression-rate-avg': {
    see: async () => {
      // The virtual codec is a real one. What looks like chance does not become shorter.
      const world = new World({ seed: 7 })
      const noise = (): string => String.fromCharCode(...Array.from({ length: 200 }, () => world.random.next() * 128))
      return {
        healthy: await compressed((index) => `{"order":${index}}`.repeat(10)),
        unhealthy: await compressed(noise),
      }
    },
    isHealthy: (metrics) => metrics['compression-rate-avg'] < 0.7,
  },
  'batch-split-rate': {
    see: async () => {
      const see = async (limitBytes: number): Promise<ProducerMetrics> => {
        const world = new World({
          topics: [{ name: 't', partitions: 1, config: { 'max.message.bytes': `${limitBytes}` } }],
        })
        const producer = world.producer()
        await world.until(producer.partitionsFor('t'))
        await world.until(producer.sendAll(Array.from({ length: 40 }, () => ({ topic: 't', value: 'v'.repeat(200) }))))
        return of(producer)
      }
      return { healthy: await see(1_000_000), unhealthy: await see(2000) }
    },
    isHealthy: (metrics) => metrics['batch-split-rate'] === 0,
  },
  'connection-creation-rate': {
    see: () => {
      const world = new World()
      const producer = world.producer()
      return spoilt(
        world,
        producer,
        () =>
          world.onRequest(produce, (_request, ordinal) => (ordinal % 2 === 1 ? { kind: 'close-after' } : undefined)),
        () => sendInTurn(world, producer, 20),
      )
    },
    isHealthy: (metrics) => metrics['connection-creation-rate'] < 0.2,
  },
  'connection-count': {
    see: () => {
      const world = new World()
      const producer = world.producer()
      return spoilt(
        world,
        producer,
        () => {
          world.onRequest(apiVersions, () => ({ kind: 'close-before' }))
          world.host(1).reset()
        },
        async () => {
          producer.produce({ topic: 't', value: 'v' })
          await world.pass(3000)
        },
      )
    },
    isHealthy: (metrics) => metrics['connection-count'] > 0,
  },
  'metadata-age': { see: () => silent(metadata, 400_000), isHealthy: (metrics) => metrics['metadata-age'] < 300 },
  'record-send-rate': {
    see: async () => {
      const see = async (topic: string): Promise<ProducerMetrics> => {
        const world = new World()
        const producer = world.producer({ allowAutoTopicCreation: false })
        for (let index = 0; index < 100; index++) producer.produce({ topic, value: 'v' })
        await world.pass(10_000)
        return of(producer)
      }
      return { healthy: await see('t'), unhealthy: await see('none') }
    },
    isHealthy: (metrics) => metrics['record-send-rate'] > 1,
  },
}

const page = readFileSync(new URL('../../../../docs/observability.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([a-z-]+)` .*\|.*\|.*\|$/gmu)].map(([, metric = '']) => metric)

describe('the table in docs/observability.md', () => {
  test('has a case for each of its rows, and no other', () => {
    expect(rows).toEqual(Object.keys(CASES))
  })

  test.each(Object.entries(CASES))(
    '%s shows when it is not healthy, and only then',
    async (_metric, { see, isHealthy }) => {
      const { healthy, unhealthy } = await see()
      expect([isHealthy(healthy), isHealthy(unhealthy)]).toEqual([true, false])
    },
  )
})
