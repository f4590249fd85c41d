import { metadata } from '@linger/protocol'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { Producer } from '../../src/index.ts'
import type { Network } from '../../src/ports/network.ts'
import { alterAnswer } from '../network/altered-answer.ts'
import { World } from '../world/world.ts'

const BROKERS = 500
const TOPICS = 1000
const PARTITIONS = 100

/** A few of them are there; the others are only told of. */
function largeWorld(): World {
  const world = new World({ brokers: 3, topics: [] })
  for (let nodeId = 4; nodeId <= BROKERS; nodeId++) {
    world.cluster.register({ nodeId, host: `broker-${nodeId}`, port: 9092 })
  }
  world.onRequest(metadata, (request) =>
    alterAnswer(request, metadata, ({ topics }) => {
      for (const topic of topics) {
        Object.assign(topic, { errorCode: 0, topicId: (topic.name ?? '').padEnd(21, 'A').concat('A') })
        topic.partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
          errorCode: 0,
          partitionIndex,
          leaderId: 1 + (partitionIndex % BROKERS),
          leaderEpoch: 3,
          replicaNodes: [1, 2, 3],
          isrNodes: [1, 2, 3],
          offlineReplicas: [],
        }))
      }
    }),
  )
  return world
}

/** Bytes that are in use once everything else is gone. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc()')
  return process.memoryUsage().heapUsed
}

const names = Array.from({ length: TOPICS }, (_, i) => `topic-${i}`)

describe('fault 71: 500 brokers, 1,000 topics, 100,000 partitions', () => {
  test('cost some hundred bytes a partition, and no socket before one is sent to', async () => {
    const world = largeWorld()
    const producer = world.producer({ metadataMaxAgeMs: 1_000_000 })
    await world.until(producer.partitionsFor('warm-up'))
    const beforeBytes = usedBytes()
    const known = await world.until(Promise.all(names.map((name) => producer.partitionsFor(name))))
    expect(known.flat()).toHaveLength(TOPICS * PARTITIONS)
    known.length = 0
    const perPartition = (usedBytes() - beforeBytes) / (TOPICS * PARTITIONS)
    expect(perPartition).toBeLessThan(700)
    expect(world.network.openSockets.length).toBeLessThanOrEqual(3)
    await world.until(producer.close())
  })

  test('are refreshed in one question, whose answer holds up the loop for less than a second', async () => {
    const world = largeWorld()
    const ports = world.ports()
    let longestMs = 0
    const timed = (run: () => void): void => {
      const begun = process.cpuUsage() // others may use the processor too
      run()
      longestMs = Math.max(longestMs, process.cpuUsage(begun).user / 1000)
    }
    const network: Network = {
      connect: (address, events) =>
        ports.network.connect(address, {
          onConnected: () => events.onConnected(),
          onData: (chunk) => timed(() => events.onData(chunk)),
          onWritten: () => events.onWritten(),
          onClosed: (error) => events.onClosed(error),
        }),
    }
    const producer = new Producer(
      { bootstrapServers: 'broker-1:9092', metadataMaxAgeMs: 60_000, metadataMaxIdleMs: 10_000_000 },
      { ...ports, network },
    )
    await world.until(Promise.all(names.map((name) => producer.partitionsFor(name))))
    for (const name of names) producer.produce({ topic: name, partition: 0, value: 'v' })
    const asked = world.wire.of(metadata).length
    await world.untilTrue(() => world.wire.of(metadata).length > asked)
    expect(world.wire.of(metadata).at(-1)?.request.topics).toHaveLength(TOPICS)
    longestMs = 0
    await world.pass(10)
    expect(longestMs).toBeGreaterThan(1)
    expect(longestMs, '0.1 to 0.3 s here').toBeLessThan(1000)
    await world.until(producer.close({ timeoutMs: 0 }))
  })
})
