import { type RunningBroker, startBroker } from '@linger/broker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasKcat, runKcat } from './run-kcat.ts'

describe.skipIf(!hasKcat)('kcat and the embedded broker', () => {
  const numbers = Array.from({ length: 10_000 }, (_, index) => String(index))
  let broker: RunningBroker

  beforeAll(async () => {
    broker = await startBroker({ topics: [{ name: 'read', partitions: 3 }] })
  })

  afterAll(async () => {
    await broker.close()
  })

  const kcat = (args: readonly string[], input = '') => runKcat(['-b', broker.bootstrapServers, ...args], input)

  test('lists brokers, topics and partitions', async () => {
    const listed: unknown = JSON.parse(await kcat(['-L', '-J', '-t', 'read']))
    expect(listed).toMatchObject({
      brokers: [{ id: 1, name: broker.bootstrapServers }],
      topics: [{ topic: 'read', partitions: [{ leader: 1 }, { leader: 1 }, { leader: 1 }] }],
    })
  })

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'writes and reads 10,000 records, compression %s',
    async (codec) => {
      const topic = `codec-${codec}`
      broker.broker.cluster.createTopic({ name: topic, partitions: 3 })
      await kcat(['-P', '-t', topic, '-z', codec, '-X', 'enable.idempotence=true'], numbers.join('\n'))
      const read = await kcat(['-C', '-t', topic, '-o', 'beginning', '-e', '-q'])
      expect(read.trimEnd().split('\n').toSorted()).toEqual(numbers.toSorted())
    },
  )

  test('a topic is made when records are sent to it', async () => {
    await kcat(['-P', '-t', 'made'], 'one\ntwo')
    expect(await kcat(['-C', '-t', 'made', '-o', 'beginning', '-e', '-q', '-f', '%o %s\n'])).toBe('0 one\n1 two\n')
  })

  test('finds an offset by time', async () => {
    await kcat(['-P', '-t', 'timed', '-K', ':'], 'k:v')
    expect(await kcat(['-Q', '-t', 'timed:0:1000'])).toBe('timed [0] offset 0\n')
  })
})
