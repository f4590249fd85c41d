import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { Engine } from '../../src/engine.ts'
import { World } from '../world/world.ts'

test('the sequences of a partition go on from 0 after 2147483647, and the broker agrees', async () => {
  const world = new World({ topics: [{ name: 't', partitions: 2 }] })
  const engine = new Engine(resolveConfig({ bootstrapServers: 'broker-1:9092' }), world.ports(), () => {})
  const topic = engine.metadata.topicFor('t')
  const errors: (Error | null)[] = []
  const send = (partition: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      engine.offer(topic, partition, null, 'v', [], 1, (error) => errors.push(error), undefined, true)
    }
  }
  send(0, 1)
  await world.untilTrue(() => errors.length === 1)

  // Two thousand million records later. A broker takes any first sequence of a partition it has no state of.
  const [known, other] = topic.partitions
  if (known?.sequence === undefined || other === undefined) throw new Error('no identity yet')
  other.sequence = { identity: known.sequence.identity, next: 2_147_483_645 }
  for (const count of [2, 3, 1]) {
    const before = errors.length
    send(1, count)
    await world.untilTrue(() => errors.length === before + count)
  }
  expect(errors).toEqual(errors.map(() => null))
  const batches = world.wire.batches.filter(({ partition }) => partition === 1)
  expect(batches.map(({ batch }) => batch.baseSequence)).toEqual([2_147_483_645, 2_147_483_647, 2])
  expect(world.recordsIn('t', 1)).toHaveLength(6)
})
