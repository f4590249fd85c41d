import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { World } from '../world/world.ts'

function recreate(world: World, name: string): void {
  const topic = world.cluster.topicNamed(name)
  if (topic === undefined) throw new Error(`there is no ${name}`)
  world.cluster.deleteTopic(topic)
  world.cluster.createTopic({ name, partitions: topic.partitions.length })
}

describe('fault 40, scenario 33: a topic that is deleted and made anew', () => {
  test('gets a batch that was on its way to the old one, and the next is not taken for a duplicate of it', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 50 })
    let isCut = true
    world.onRequest(produce, () => (isCut ? { kind: 'close-before' } : undefined))
    const first = producer.send({ topic: 't', value: 'first' })
    await world.untilTrue(() => world.wire.batches.length === 1)
    recreate(world, 't')
    await world.pass(60)
    isCut = false
    expect(await world.until(first)).toMatchObject({ offset: 0 })
    expect(await world.until(producer.send({ topic: 't', value: 'second' }))).toMatchObject({ offset: 1 })
    expect(world.valuesIn('t')).toEqual(['first', 'second'])
  })
})
