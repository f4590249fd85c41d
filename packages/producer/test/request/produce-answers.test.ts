import { codecFor, decodeResponseFrame, encodeResponseFrame, produce, type ProduceResponse } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { BrokerRequest, Fault } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const SIZE_BYTES = 4

type TopicAnswer = ProduceResponse['responses'][number]

/** The broker works, and says something else of it. */
function answering(request: BrokerRequest, change: (topics: readonly TopicAnswer[]) => readonly TopicAnswer[]): Fault {
  const codec = codecFor(produce, request.header.apiVersion)
  return {
    kind: 'alter',
    alter: (frame) => {
      const { correlationId, response } = decodeResponseFrame(codec, frame.subarray(SIZE_BYTES))
      return encodeResponseFrame(codec, correlationId, { ...response, responses: [...change(response.responses)] })
    },
  }
}

type PartitionAnswer = TopicAnswer['partitionResponses'][number]

const withPartitions =
  (change: (partitions: readonly PartitionAnswer[]) => readonly PartitionAnswer[]) =>
  (topics: readonly TopicAnswer[]): readonly TopicAnswer[] =>
    topics.map((topic) => ({ ...topic, partitionResponses: [...change(topic.partitionResponses)] }))

describe('fault 22: an answer to Produce', () => {
  /** Sends to three partitions in one request, whose answer is changed the first time. */
  async function outcomeOf(change: (topics: readonly TopicAnswer[]) => readonly TopicAnswer[]): Promise<World> {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer()
    const sendToAll = (value: string): Promise<unknown> =>
      world.until(Promise.all([0, 1, 2].map((partition) => producer.send({ topic: 't', partition, value }))))
    await sendToAll('0')
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? answering(request, change) : undefined))
    expect(await sendToAll('1')).toMatchObject([0, 1, 2].map((partition) => ({ partition, offset: 1 })))
    expect(await sendToAll('2')).toMatchObject([0, 1, 2].map((partition) => ({ partition, offset: 2 })))
    for (const partition of [0, 1, 2]) expect(world.valuesIn('t', partition)).toEqual(['0', '1', '2'])
    return world
  }

  /** How often the second record of a partition was sent. */
  const attemptsIn = (world: World, partition: number): number =>
    world.wire.batches.filter((batch) => batch.partition === partition && batch.batch.baseSequence === 1).length

  test.each([
    ['a partition', withPartitions((partitions) => partitions.filter(({ index }) => index !== 1)), [1, 2, 1]],
    ['every partition', withPartitions(() => []), [2, 2, 2]],
    ['the topic', () => [], [2, 2, 2]],
  ])('that leaves out %s says nothing of its batch: the same bytes go again', async (_what, change, attempts) => {
    const world = await outcomeOf(change)
    expect([0, 1, 2].map((partition) => attemptsIn(world, partition))).toEqual(attempts)
  })

  test('that names a partition twice is believed the first time', async () => {
    const world = await outcomeOf(
      withPartitions((partitions) =>
        partitions.flatMap((answer) => [answer, { ...answer, errorCode: 6, baseOffset: -1n }]),
      ),
    )
    expect([0, 1, 2].map((partition) => attemptsIn(world, partition))).toEqual([1, 1, 1])
  })

  test('that names partitions and topics nobody asked for is believed of the others', async () => {
    const world = await outcomeOf((topics) => {
      const [topic] = topics
      const first = topic?.partitionResponses[0]
      if (topic === undefined || first === undefined) throw new Error('there is no answer')
      const partitionResponses = [{ ...first, index: 77, errorCode: 29 }, ...topic.partitionResponses]
      return [
        { ...topic, name: 'foreign', topicId: 'foreignforeignforeignA' },
        { ...topic, partitionResponses },
      ]
    })
    expect([0, 1, 2].map((partition) => attemptsIn(world, partition))).toEqual([1, 1, 1])
  })

  test('is matched by what it says, in whatever order', async () => {
    const world = await outcomeOf(withPartitions((partitions) => partitions.toReversed()))
    expect([0, 1, 2].map((partition) => attemptsIn(world, partition))).toEqual([1, 1, 1])
  })
})

describe('fault 50, scenario 24: a broker that knows a retry again', () => {
  test('answers as Kafka does, with error 0 and the first offset: the records are told where they are', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    const sent = ['0', '1', '2'].map((value) => producer.send({ topic: 't', value }))
    expect((await world.until(Promise.all(sent))).map(({ offset }) => offset)).toEqual([0, 1, 2])
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })

  test('and says DUPLICATE_SEQUENCE_NUMBER, has the records somewhere: success, without an offset', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return { kind: 'close-after' }
      if (ordinal > 2) return undefined
      return answering(
        request,
        withPartitions((partitions) => partitions.map((answer) => ({ ...answer, errorCode: 46, baseOffset: -1n }))),
      )
    })
    expect(await world.until(producer.send({ topic: 't', value: '0' }))).toMatchObject({ offset: undefined })
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('and says success without an offset, as -1, leaves the offset unknown', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (request) =>
      answering(
        request,
        withPartitions((partitions) => partitions.map((answer) => ({ ...answer, baseOffset: -1n }))),
      ),
    )
    expect(await world.until(producer.send({ topic: 't', value: '0' }))).toMatchObject({ offset: undefined })
  })
})
