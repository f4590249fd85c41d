import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { presets, type ProducerConfig } from '../../src/index.ts'
import { World } from '../world/world.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const KB = 1024

describe('the preset', () => {
  test.each([
    ['realTime', { lingerMs: 0, batchSize: 16 * KB, compressionType: 'none', acks: -1, enableIdempotence: true }],
    ['analytics', { lingerMs: 20, batchSize: 256 * KB, compressionType: 'lz4', acks: -1, enableIdempotence: true }],
    [
      'batchPipeline',
      { lingerMs: 200, batchSize: KB * KB, compressionType: 'zstd', acks: -1, enableIdempotence: true },
    ],
    [
      'logAggregation',
      { lingerMs: 500, batchSize: KB * KB, compressionType: 'zstd', acks: 1, enableIdempotence: false },
    ],
    ['metrics', { lingerMs: 100, batchSize: 256 * KB, compressionType: 'lz4', acks: 0, enableIdempotence: false }],
  ] as const)('%s is a whole configuration but for the brokers', (name, settings) => {
    expect(resolveConfig({ ...presets[name], bootstrapServers: 'a:1', logger: silent })).toMatchObject(settings)
  })

  test('is overridden by what stands behind it', () => {
    const config: ProducerConfig = { ...presets.metrics, bootstrapServers: 'a:1', acks: 'all', lingerMs: 5 }
    expect(resolveConfig(config)).toMatchObject({ acks: -1, enableIdempotence: true, lingerMs: 5, batchSize: 262_144 })
  })

  test('without acks is told that a retry may write twice', () => {
    const world = new World()
    world.producer({ ...presets.metrics })
    expect(world.logged).toEqual([expect.stringContaining('idempotence is off because of acks 0')])
  })

  test('analytics gathers for its time, and writes one compressed batch', async () => {
    const world = new World()
    const producer = world.producer({ ...presets.analytics })
    await world.until(producer.partitionsFor('t'))
    const startMs = world.nowMs
    const sent = Array.from({ length: 100 }, (_, i) => producer.send({ topic: 't', value: `clicked ${i}` }))
    await world.until(Promise.all(sent))
    expect(world.wire.batches).toHaveLength(1)
    expect(world.nowMs - startMs).toBeGreaterThanOrEqual(20)
  })
})
