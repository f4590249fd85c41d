import { produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import { Producer } from '../../src/index.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { VirtualCompression } from '../world/virtual-compression.ts'
import { World } from '../world/world.ts'

const MESSAGE_TOO_LARGE = 10
const NOT_ENOUGH_REPLICAS = 19
const ROUNDS = 40
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1)

/** Compresses, splits, fails and takes back records as the seed says. */
async function history(seed: number) {
  const world = new World({ seed, topics: [{ name: 't', partitions: 4 }] })
  const random = world.random.split('history')
  const below = (end: number): number => Math.floor(random.next() * end)
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item => items[below(items.length)] ?? items[0]
  const compression = new VirtualCompression({
    after: (delayMs, run) => void world.timeline.after(delayMs, run),
    jobMs: () => below(40),
    fromBytes: pick([0, 500, 5_000]),
  })
  const config = {
    bootstrapServers: 'broker-1:9092',
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    compressionType: pick(['gzip', 'snappy', 'lz4', 'zstd'] as const),
    batchSize: pick([1_000, 20_000, 100_000]),
    lingerMs: pick([0, 5]),
    bufferMemory: 400_000,
    maxRequestSize: 30_000,
    maxProduceRequestBytes: pick([1, 10_000, 1_000_000]),
    requestTimeoutMs: 1_000,
  }
  const producer = new Producer(config, { ...world.ports(), compression })
  let isTroubled = true
  world.onRequest(produce, (request) => {
    if (!isTroubled) return undefined
    switch (below(12)) {
      case 0:
        return refuseProduce(request, MESSAGE_TOO_LARGE)
      case 1:
        return refuseProduce(request, NOT_ENOUGH_REPLICAS)
      case 2:
        return { kind: 'close-before' }
      case 3:
        return { kind: 'delay', delayMs: below(60) }
      default:
        return undefined
    }
  })

  const sent: (() => { readonly state: string })[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (let count = below(12); count > 0; count--) {
      const value = pick(['a', 'b']).repeat(pick([10, 300, 3_000]))
      const abort = new AbortController()
      if (below(3) === 0) world.timeline.after(below(60), () => abort.abort())
      sent.push(world.watch(producer.send({ topic: 't', partition: below(4), value }, { signal: abort.signal })))
    }
    await world.pass(below(20))
  }
  isTroubled = false
  return { world, producer, sent }
}

test.each(SEEDS)('whatever is taken back and when, nothing waits for a timeout (seed %i)', async (seed) => {
  const { world, producer, sent } = await history(seed)
  await world.pass(10_000)
  expect(sent.filter((one) => one().state === 'pending')).toEqual([])
  expect(producer.health()).toMatchObject({ bufferedBytes: 0, bufferedRecords: 0 })
  expect(world.wire.violations).toEqual([])
  expect(world.network.violations).toEqual([])
})
