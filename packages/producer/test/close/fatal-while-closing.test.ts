import { initProducerId, produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import { alterAnswer } from '../network/altered-answer.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

test('a producer that never gets an id is closed at once, and its records are told why', async () => {
  const world = new World()
  world.onRequest(initProducerId, (request) =>
    alterAnswer(request, initProducerId, (response) => void Object.assign(response, { errorCode: 31 })),
  )
  const producer = world.producer()
  const sent = world.watch(producer.send({ topic: 't', value: 'a' }))
  const start = world.nowMs
  await world.until(producer.close())
  expect(world.nowMs - start).toBeLessThan(10_000)
  expect(sent()).toMatchObject({ error: { code: 'CLUSTER_AUTHORIZATION_FAILED' } })
})

test('after a fatal error nothing is sent, though a callback has called close()', async () => {
  const run = async (act: boolean) => {
    const world = new World()
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, 31) : undefined))
    const producer = world.producer({ batchSize: 200 })
    await world.until(producer.partitionsFor('t'))
    const told: string[] = []
    for (const value of ['a', 'b', 'c'])
      producer.produce({ topic: 't', value: value.repeat(150) }, (error) => {
        told.push(`${value} ${error?.code ?? 'ok'}`)
        if (error && act) void producer.close()
      })
    await world.pass(5000)
    return told
  }
  expect(await run(true)).toEqual(await run(false))
})
